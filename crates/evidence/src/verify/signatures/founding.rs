//! The founding: two people, two passkeys, one statement that both signed.

use locum_domain::authenticator::{Founding, Signature, Statement as _};
use locum_domain::{Authenticator, PrincipalId};

use super::Walk;
use crate::webauthn::VerifyingKey;

impl Walk {
    /// It begins once, for this ledger, with two people and nothing decided.
    pub(super) fn begun(&self, founding: &Founding, origin: &str) -> Result<(), String> {
        if self.counting.founding.is_some() {
            return Err("the ledger is founded a second time".to_owned());
        }
        let [one, two] = founding.founders.as_slice() else {
            return Err("a ledger is founded by two people".to_owned());
        };
        if one >= two {
            return Err("the founders are not two people in order of their ids".to_owned());
        }
        if founding.origin != origin {
            return Err(format!(
                "the founding is of another ledger, {}",
                founding.origin
            ));
        }
        let is_bare = founding.enrolled.is_empty()
            && founding.signed.is_empty()
            && founding.completed_at.is_none();
        if is_bare {
            Ok(())
        } else {
            Err("the founding begins with what only its signatures can make".to_owned())
        }
    }

    /// A founder's key, until somebody has signed.
    pub(super) fn founder(&self, key: &Authenticator) -> Result<(), String> {
        let person = &key.person;
        let founding = self.counting.founding.as_ref();
        let founding = founding.filter(|it| it.founders.contains(person));
        let founding = founding.ok_or_else(|| format!("{person} is not a founder"))?;
        if !founding.signed.is_empty() {
            return Err(format!("{person} changed a founding that was being signed"));
        }
        if !key.is_passkey() || !key.is_named_by_its_key() {
            return Err(format!(
                "the key of {person} is no passkey named by its key"
            ));
        }
        VerifyingKey::of(&key.public_key)
            .map_err(|error| format!("the key of {person} is not accepted: {error}"))?;
        let others = founding.enrolled.values();
        let mut others = others.filter(|other| other.person != *person);
        if others.any(|other| is_shared(other, key)) {
            return Err("the founders share a key".to_owned());
        }
        Ok(())
    }

    /// A founder's signature over both keys, with their own.
    pub(super) fn founded_by(
        &mut self,
        by: &PrincipalId,
        signature: &Signature,
    ) -> Result<(), String> {
        let founding = self.counting.founding.as_ref();
        let statement = founding.and_then(Founding::statement);
        let (Some(founding), Some(statement)) = (founding, statement) else {
            return Err(format!("{by} signed a founding that has not both keys"));
        };
        let own = founding.enrolled.get(by);
        let own = own.ok_or_else(|| format!("{by} is not a founder"))?;
        if founding.signed.contains_key(by) {
            return Err(format!("{by} signed the founding twice"));
        }
        let (own, digest) = (own.clone(), statement.digest());
        self.verifies(by, signature, &own, digest)
    }
}

/// Whether two entries mean one device.
pub(super) fn is_shared(one: &Authenticator, two: &Authenticator) -> bool {
    let credential = one.credential_id();
    one.id == two.id || credential.is_some() && credential == two.credential_id()
}
