//! The private half of an audit event, and the commitment that ties it to its entry.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::entry::Entry;

/// Bytes in a salt.
pub const SALT_BYTES: usize = 32;

/// Keeps this hash apart from every other use of SHA-256 in the ledger.
const CONTEXT: &[u8] = b"locum-payload/v1\n";

/// The body of an audit event behind a salt.
///
/// The entry shows `SHA-256("locum-payload/v1\n" ‖ salt ‖ body)`. Without the salt nobody can try
/// out bodies against it, so deleting salt and body erases what the entry said; with both anybody
/// can check it, and nobody can find another body for the same entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// 32 random bytes, fresh for every payload: a salt used twice shows equal bodies as equal.
    pub salt: [u8; SALT_BYTES],
    /// The canonical bytes of the event.
    pub body: Vec<u8>,
}

impl Payload {
    /// What an entry shows of this payload.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(CONTEXT);
        hash.update(self.salt);
        hash.update(&self.body);
        hash.finalize().into()
    }

    /// Is this the payload that the entry commits to?
    #[must_use]
    pub fn opens(&self, entry: &Entry) -> bool {
        self.commitment() == *entry.commitment()
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

    fn payload() -> Payload {
        Payload {
            salt: [9; 32],
            body: b"{\"reason\":\"broken invoice\"}".to_vec(),
        }
    }

    #[test]
    fn a_commitment_is_the_hash_of_context_salt_and_body() {
        let bytes = [CONTEXT, &[9; 32], &payload().body].concat();
        assert_eq!(payload().commitment(), *Sha256::digest(bytes));
    }

    #[test]
    fn only_the_very_payload_opens_its_entry() {
        let payload = payload();
        let at = Timestamp::UNIX_EPOCH;
        let entry = Entry::new("request-filed", at, payload.commitment()).unwrap();
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

    #[test]
    fn a_printed_payload_does_not_show_its_body() {
        assert!(!format!("{:?}", payload()).contains("invoice"));
    }
}
