//! The public half of a ledger's key, as text (C2SP signed-note, "Verifier keys").

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// The algorithm byte of Ed25519 in a note key (C2SP signed-note, "Signature types").
const ED25519: u8 = 0x01;

/// What a verifier must hold to check a ledger's checkpoints: a name and an Ed25519 key, written
/// `name+hash+base64`. The name is the checkpoint's origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

/// Why a text is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Not `name+hash+base64`, or not in its one canonical spelling.
    #[error("not a verifier key of the form `name+hash+base64`")]
    Format,
    /// The name is empty or has a space, a plus or a control character.
    #[error("the key name is empty or has a space, a plus or a control character")]
    Name,
    /// Another algorithm than Ed25519.
    #[error("the key is not an Ed25519 key")]
    Algorithm,
    /// The key bytes are no point of the curve, or one of the weak ones.
    #[error("the key bytes are no usable Ed25519 key")]
    Key,
    /// The hash in the middle is not the one of this name and key.
    #[error("the hash does not belong to this name and key")]
    Hash,
}

impl VerifierKey {
    /// Reads `name+hash+base64`, alone on its line; space around it is ignored.
    ///
    /// # Errors
    /// [`VerifierKeyError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let text = text.trim();
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Format);
        };
        check_name(name)?;
        let bytes = BASE64_STANDARD
            .decode(key)
            .map_err(|_| VerifierKeyError::Format)?;
        let (algorithm, bytes) = bytes.split_first().ok_or(VerifierKeyError::Format)?;
        if *algorithm != ED25519 {
            return Err(VerifierKeyError::Algorithm);
        }
        let bytes = bytes.try_into().map_err(|_| VerifierKeyError::Key)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| VerifierKeyError::Key)?;
        let parsed = Self::new(name, key)?;
        if format!("{:08x}", parsed.id) != hash {
            return Err(VerifierKeyError::Hash);
        }
        Ok(parsed)
    }

    /// Joins a name and a key.
    pub(crate) fn new(name: &str, key: VerifyingKey) -> Result<Self, VerifierKeyError> {
        check_name(name)?;
        if key.is_weak() {
            return Err(VerifierKeyError::Key);
        }
        let id = signed_note::key_id(name, &encoded(&key));
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }

    /// The key's name: the origin of the ledger whose checkpoints it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the hash over name and key, which signature lines carry.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The raw Ed25519 public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }
}

/// `verify_strict` refuses what plain verification lets pass (small-order points, a second
/// encoding of one signature): two verifiers must never disagree about one checkpoint.
impl signed_note::Verifier for VerifierKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode(encoded(&self.key));
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        Self::parse(text)
    }
}

fn check_name(name: &str) -> Result<(), VerifierKeyError> {
    if signed_note::is_key_name_valid(name) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(VerifierKeyError::Name)
    }
}

fn encoded(key: &VerifyingKey) -> Vec<u8> {
    [&[ED25519], key.as_bytes().as_slice()].concat()
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

    #[test]
    fn a_weak_key_is_refused() {
        // The neutral element: every signature over every message would verify under it.
        let mut point = [0; 32];
        point[0] = 1;
        let key = VerifyingKey::from_bytes(&point).unwrap();
        assert_eq!(
            VerifierKey::new("ledger.example", key),
            Err(VerifierKeyError::Key)
        );
    }
}
