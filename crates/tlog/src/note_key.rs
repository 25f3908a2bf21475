//! A public key with a name, as text (C2SP signed-note, "Verifier keys"): what ledgers' and
//! witnesses' keys have in common.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// Why a text is no key of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Not `name+hash+base64`, or not in its one canonical spelling.
    #[error("not a verifier key of the form `name+hash+base64`")]
    Format,
    /// The name is empty or has a space, a plus or a control character.
    #[error("the key name is empty or has a space, a plus or a control character")]
    Name,
    /// A key for another purpose, or of an algorithm that is not understood here.
    #[error("{}", algorithm_named(*.0))]
    Algorithm(u8),
    /// The key bytes are no point of the curve, or one of the weak ones.
    #[error("the key bytes are no usable Ed25519 key")]
    Key,
    /// The hash in the middle is not the one of this name and key.
    #[error("the hash does not belong to this name and key")]
    Hash,
}

/// What a signature type is called (C2SP signed-note, "Signature types").
fn algorithm_named(algorithm: u8) -> String {
    match algorithm {
        ED25519 => "the key is an Ed25519 key of a ledger, and a witness's is asked for".to_owned(),
        COSIGNATURE_V1 => {
            "the key is an Ed25519 key of a witness, and a ledger's is asked for".to_owned()
        }
        0x06 => "the key is an ML-DSA-44 key of a witness, which is not understood yet".to_owned(),
        other => format!("the key is of type 0x{other:02x}, which is not understood"),
    }
}

/// A ledger signs its checkpoints with Ed25519.
pub(crate) const ED25519: u8 = 0x01;
/// A witness cosigns with Ed25519, under a message of its own and with the time
/// (C2SP tlog-cosignature).
pub(crate) const COSIGNATURE_V1: u8 = 0x04;

/// The parts of `name+hash+base64`, with the hash checked; the algorithm may be any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedKey {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) algorithm: u8,
    pub(crate) bytes: Vec<u8>,
}

impl NamedKey {
    /// Reads `name+hash+base64`, alone on its line; space around it is ignored.
    pub(crate) fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Format);
        };
        check_name(name)?;
        let encoded = BASE64_STANDARD
            .decode(key)
            .map_err(|_| VerifierKeyError::Format)?;
        let (algorithm, bytes) = encoded.split_first().ok_or(VerifierKeyError::Format)?;
        let id = signed_note::key_id(name, &encoded);
        if format!("{id:08x}") != hash {
            return Err(VerifierKeyError::Hash);
        }
        Ok(Self {
            name: name.to_owned(),
            id,
            algorithm: *algorithm,
            bytes: bytes.to_vec(),
        })
    }
}

/// An Ed25519 key, its name, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteKey {
    name: String,
    id: u32,
    algorithm: u8,
    key: VerifyingKey,
}

impl NoteKey {
    pub(crate) fn parse(text: &str, algorithm: u8) -> Result<Self, VerifierKeyError> {
        Self::of(NamedKey::parse(text)?, algorithm)
    }

    pub(crate) fn of(named: NamedKey, algorithm: u8) -> Result<Self, VerifierKeyError> {
        if named.algorithm != algorithm {
            return Err(VerifierKeyError::Algorithm(named.algorithm));
        }
        let bytes = named.bytes.as_slice().try_into();
        let bytes = bytes.map_err(|_| VerifierKeyError::Key)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| VerifierKeyError::Key)?;
        Self::new(&named.name, algorithm, key)
    }

    /// The same key under another name.
    pub(crate) fn named(&self, name: &str) -> Result<Self, VerifierKeyError> {
        Self::new(name, self.algorithm, self.key)
    }

    pub(crate) fn new(
        name: &str,
        algorithm: u8,
        key: VerifyingKey,
    ) -> Result<Self, VerifierKeyError> {
        check_name(name)?;
        if key.is_weak() {
            return Err(VerifierKeyError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            id: signed_note::key_id(name, &encoded(algorithm, &key)),
            algorithm,
            key,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// `verify_strict` refuses what plain verification lets pass (small-order points, a second
    /// encoding of one signature): two verifiers must never disagree about one note.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64_STANDARD.encode(encoded(self.algorithm, &self.key));
        write!(f, "{}+{:08x}+{key}", self.name, self.id)
    }
}

fn check_name(name: &str) -> Result<(), VerifierKeyError> {
    if signed_note::is_key_name_valid(name) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(VerifierKeyError::Name)
    }
}

fn encoded(algorithm: u8, key: &VerifyingKey) -> Vec<u8> {
    [&[algorithm], key.as_bytes().as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_key_is_refused() {
        // The neutral element: every signature over every message would verify under it.
        let mut point = [0; 32];
        point[0] = 1;
        let key = VerifyingKey::from_bytes(&point).unwrap();
        assert_eq!(
            NoteKey::new("ledger.example", ED25519, key),
            Err(VerifierKeyError::Key)
        );
    }
}
