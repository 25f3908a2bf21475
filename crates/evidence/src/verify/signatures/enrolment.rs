//! Enrolments: another person's signature lets a key count, and whoever invited its person is not that other.

use locum_domain::authenticator::{Enrolment, INVITED_FOR, Signature, Statement as _};
use locum_domain::{EnrolmentId, PrincipalId};

use super::Walk;
use super::founding::is_shared;
use crate::chain::Counted;
use crate::webauthn::VerifyingKey;

/// A key that somebody asks for is one, and has the id it makes.
fn is_key(enrolment: &Enrolment) -> Result<(), String> {
    let key = &enrolment.authenticator;
    if !key.is_named_by_its_key() {
        return Err(format!(
            "the id of a key of {} is not its key's own",
            key.person
        ));
    }
    VerifyingKey::of(&key.public_key)
        .map(|_| ())
        .map_err(|error| format!("a key of {} is not accepted: {error}", key.person))
}

impl Walk {
    /// Somebody invites another, who holds nothing yet.
    pub(super) fn invited(&self, person: &PrincipalId, by: &PrincipalId) -> Result<(), String> {
        if by == person {
            return Err(format!("{by} invited themselves"));
        }
        self.is_first_key(person)
    }

    /// The key is one, and whoever is said to have invited its person did, not long ago, and for this alone.
    pub(super) fn asked(&self, enrolment: &Enrolment) -> Result<(), String> {
        is_key(enrolment)?;
        let Some(by) = &enrolment.invited_by else {
            return Ok(());
        };
        let person = &enrolment.authenticator.person;
        let invited = self.counting.invited.get(&(person.clone(), by.clone()));
        let invited = invited
            .ok_or_else(|| format!("{person} asked by an invitation of {by} that is not there"))?;
        if enrolment.at.duration_since(*invited) >= INVITED_FOR {
            return Err(format!(
                "{person} asked too late for the invitation of {by}"
            ));
        }
        self.is_first_key(person)
    }

    /// Invitations are for people without any key that counts.
    fn is_first_key(&self, person: &PrincipalId) -> Result<(), String> {
        if self.counting.holds_one(person) {
            return Err(format!("{person} was invited with a key that counts"));
        }
        Ok(())
    }

    /// Somebody else's passkey signed that the key is this person's, and nobody had it before.
    pub(super) fn enrolled(
        &mut self,
        id: &EnrolmentId,
        by: &PrincipalId,
        signature: &Signature,
    ) -> Result<(), String> {
        let asked = self.counting.asked.get(id).cloned();
        let asked = asked.ok_or_else(|| format!("{by} approved an enrolment nobody waits for"))?;
        let person = &asked.authenticator.person;
        if by == person {
            return Err(format!("{by} approved their own enrolment"));
        }
        if let Some(host) = &asked.invited_by {
            if host == by {
                return Err(format!("{by} invited {person} and approved the enrolment"));
            }
            self.is_first_key(person)?;
        }
        let is_shared = |other: &Counted| is_shared(&other.authenticator, &asked.authenticator);
        let was_enrolled = self.counting.all().any(is_shared);
        if was_enrolled {
            return Err(format!("a key of {person} was enrolled before"));
        }
        let signer = self.signed(by, signature, asked.statement(by).digest())?;
        if signer.authenticator.is_passkey() {
            Ok(())
        } else {
            Err(format!("{by} approved an enrolment without a passkey"))
        }
    }
}
