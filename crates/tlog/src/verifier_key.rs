//! The public half of a ledger's key, as text (C2SP signed-note, "Verifier keys").

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;

use crate::epoch::{epoch_of, epoch_origin};
use crate::note_key::{ED25519, NoteKey, VerifierKeyError};

/// What a verifier must hold to check a ledger's checkpoints: a name and an Ed25519 key, written
/// `name+hash+base64`. The name is the checkpoint's origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey(NoteKey);

impl VerifierKey {
    /// Reads `name+hash+base64`, alone on its line; space around it is ignored.
    ///
    /// # Errors
    /// [`VerifierKeyError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        NoteKey::parse(text, ED25519).map(Self)
    }

    /// Joins a name and a key.
    pub(crate) fn new(name: &str, key: VerifyingKey) -> Result<Self, VerifierKeyError> {
        NoteKey::new(name, ED25519, key).map(Self)
    }

    /// The key's name: the origin of the ledger whose checkpoints it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The same key under the name of another epoch of its ledger.
    ///
    /// # Errors
    /// [`VerifierKeyError`] when that cannot name a key.
    pub fn of_epoch(&self, number: u32) -> Result<Self, VerifierKeyError> {
        let (base, _) = epoch_of(self.name());
        self.0.named(&epoch_origin(base, number)).map(Self)
    }

    /// The first four bytes of the hash over name and key, which signature lines carry.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.0.id()
    }

    /// The raw Ed25519 public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.0.public_key()
    }
}

impl signed_note::Verifier for VerifierKey {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn key_id(&self) -> u32 {
        self.0.id()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key of the signed-note specification.
    const EXAMPLE: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_key_of_the_specification_is_read_and_written() {
        let key = VerifierKey::parse(EXAMPLE).unwrap();
        assert_eq!(key.name(), "PeterNeumann");
        assert_eq!(key.id(), 0xc74f_20a3);
        assert_eq!(key.to_string(), EXAMPLE);
        assert_eq!(format!("{EXAMPLE}\n").parse(), Ok(key));
    }

    #[test]
    fn every_changed_letter_of_a_key_is_refused() {
        for place in 0..EXAMPLE.len() {
            for flip in 0..7 {
                let mut bytes = EXAMPLE.as_bytes().to_vec();
                bytes[place] ^= 1 << flip;
                let text = String::from_utf8(bytes).unwrap();
                assert!(VerifierKey::parse(&text).is_err(), "{text}");
            }
        }
    }
}
