//! Enrolments: another person's signature lets a key count.

use locum_domain::authenticator::{Enrolment, Signature, Statement as _};
use locum_domain::{EnrolmentId, PrincipalId};

use super::Walk;
use super::founding::is_shared;
use crate::chain::Counted;
use crate::webauthn::VerifyingKey;

/// A key that somebody asks for is one, and has the id it makes.
pub(super) fn asked(enrolment: &Enrolment) -> Result<(), String> {
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
