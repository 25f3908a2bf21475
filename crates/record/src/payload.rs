//! The private half of an audit event, and the commitment that ties it to its entry.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::canonical::{CanonicalError, canonical};
use crate::entry::Entry;
use crate::personal::{Personal, PersonalError, PersonalValues, put_back, take_out};

/// Bytes in a salt.
pub const SALT_BYTES: usize = 32;

/// Keeps these hashes apart from every other use of SHA-256 in the ledger, and from each other.
const CONTEXT: &[u8] = b"locum-payload/v1\n";
const WITH_PERSONAL: &[u8] = b"locum-payload/v2\n";

/// The body of an audit event behind a salt.
///
/// The entry shows `SHA-256("locum-payload/v1\n" ‖ salt ‖ body)`, and for an event with personal values
/// `SHA-256("locum-payload/v2\n" ‖ salt ‖ personal digest ‖ body)`, the body saying `erased` in their places. Without the
/// salts nobody can try out bodies or values against it; with them anybody can check it, and nobody can find another
/// body, or other values, for the same entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// 32 random bytes, fresh for every payload: a salt used twice shows equal bodies as equal.
    pub salt: [u8; SALT_BYTES],
    /// The canonical bytes of the event, without its personal values.
    pub body: Vec<u8>,
    /// The personal values, or what is left of them; `None` for an event without any.
    pub personal: Option<Personal>,
}

impl Payload {
    /// Makes the payload of an event whose personal values stand at these places, as [`take_out`] reads them.
    /// `personal_salt` is asked for only when there are any.
    ///
    /// # Errors
    /// [`CanonicalError`] when the event has no canonical bytes.
    pub fn of<T: Serialize + ?Sized>(
        event: &T,
        places: &[&str],
        salt: [u8; SALT_BYTES],
        personal_salt: impl FnOnce() -> [u8; SALT_BYTES],
    ) -> Result<Self, CanonicalError> {
        if places.is_empty() {
            return Ok(Self {
                salt,
                body: canonical(event)?,
                personal: None,
            });
        }
        let mut body = serde_json::to_value(event)?;
        let values = take_out(&mut body, places);
        let personal = (!values.is_empty()).then(|| {
            Personal::Known(PersonalValues {
                salt: personal_salt(),
                values,
            })
        });
        Ok(Self {
            salt,
            body: canonical(&body)?,
            personal,
        })
    }

    /// What an entry shows of this payload.
    ///
    /// # Errors
    /// [`CanonicalError`]; texts by their names always have canonical bytes.
    pub fn commitment(&self) -> Result<[u8; 32], CanonicalError> {
        let mut hash = Sha256::new();
        match &self.personal {
            None => {
                hash.update(CONTEXT);
                hash.update(self.salt);
            }
            Some(personal) => {
                hash.update(WITH_PERSONAL);
                hash.update(self.salt);
                hash.update(personal.digest()?);
            }
        }
        hash.update(&self.body);
        Ok(hash.finalize().into())
    }

    /// Is this the payload that the entry commits to?
    #[must_use]
    pub fn opens(&self, entry: &Entry) -> bool {
        self.commitment()
            .is_ok_and(|commitment| commitment == *entry.commitment())
    }

    /// The event's canonical bytes: with its personal values, or with the text `erased` in their places.
    ///
    /// # Errors
    /// [`PersonalError`] when the values do not belong into this body.
    pub fn event(&self) -> Result<Vec<u8>, PersonalError> {
        match &self.personal {
            None | Some(Personal::Erased(_)) => Ok(self.body.clone()),
            Some(Personal::Known(_)) => Ok(canonical(&self.value()?)?),
        }
    }

    /// The event as JSON, as [`Payload::event`] writes it.
    ///
    /// # Errors
    /// As [`Payload::event`], and when the body is not JSON.
    pub fn value(&self) -> Result<Value, PersonalError> {
        let mut event: Value = serde_json::from_slice(&self.body)?;
        if let Some(Personal::Known(known)) = &self.personal {
            if known.values.is_empty() {
                return Err(PersonalError::Empty);
            }
            put_back(&mut event, &known.values)?;
        }
        Ok(event)
    }

    /// The same payload without its personal values.
    ///
    /// # Errors
    /// As [`Payload::commitment`].
    pub fn erased(self) -> Result<Self, CanonicalError> {
        let digest = self.personal.as_ref().map(Personal::digest).transpose()?;
        Ok(Self {
            personal: digest.map(Personal::Erased),
            ..self
        })
    }
}

/// The body is personal data: only its length is shown.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    fn payload() -> Payload {
        Payload {
            salt: [9; 32],
            body: b"{\"reason\":\"broken invoice\"}".to_vec(),
            personal: None,
        }
    }

    fn personal() -> Payload {
        let event = json!({"actor": "amy", "subject": "jdoe"});
        Payload::of(&event, &["/subject"], [9; 32], || [8; 32]).unwrap()
    }

    fn entry(payload: &Payload) -> Entry {
        let at = Timestamp::UNIX_EPOCH;
        Entry::new("request-filed", at, payload.commitment().unwrap()).unwrap()
    }

    #[test]
    fn a_commitment_is_the_hash_of_context_salt_and_body() {
        let bytes = [CONTEXT, &[9; 32], &payload().body].concat();
        assert_eq!(payload().commitment().unwrap(), *Sha256::digest(bytes));
    }

    #[test]
    fn r26_a_commitment_to_personal_values_binds_their_digest() {
        let values = [
            b"locum-personal/v1\n".as_slice(),
            &[8; 32],
            b"{\"/subject\":\"jdoe\"}",
        ];
        let digest = Sha256::digest(values.concat());
        let body: &[u8] = b"{\"actor\":\"amy\",\"subject\":\"erased\"}";
        let bytes = [WITH_PERSONAL, &[9; 32], &digest, body].concat();
        assert_eq!(personal().commitment().unwrap(), *Sha256::digest(bytes));
    }

    #[test]
    fn only_the_very_payload_opens_its_entry() {
        for payload in [payload(), personal()] {
            let entry = entry(&payload);
            assert!(payload.opens(&entry));
            for place in 0..payload.body.len() {
                let mut other = payload.clone();
                other.body[place] ^= 1;
                assert!(!other.opens(&entry));
            }
            for place in 0..SALT_BYTES {
                let mut other = payload.clone();
                other.salt[place] ^= 1;
                assert!(!other.opens(&entry));
            }
        }
    }

    #[test]
    fn r26_what_is_erased_still_opens_its_entry_and_other_values_do_not() {
        let whole = personal();
        let entry = entry(&whole);
        assert_eq!(
            whole.event().unwrap(),
            b"{\"actor\":\"amy\",\"subject\":\"jdoe\"}"
        );
        let erased = whole.clone().erased().unwrap();
        assert!(erased.opens(&entry));
        assert_eq!(erased.event().unwrap(), erased.body);
        assert!(!String::from_utf8_lossy(&erased.body).contains("jdoe"));

        let Some(Personal::Known(mut values)) = whole.personal.clone() else {
            panic!("it is known");
        };
        values
            .values
            .insert("/subject".to_owned(), "eve".to_owned());
        let other = Payload {
            personal: Some(Personal::Known(values)),
            ..whole.clone()
        };
        assert!(!other.opens(&entry));
        let without = Payload {
            personal: None,
            ..whole
        };
        assert!(!without.opens(&entry));
    }

    #[test]
    fn a_printed_payload_does_not_show_its_body() {
        assert!(!format!("{:?}", payload()).contains("invoice"));
    }
}
