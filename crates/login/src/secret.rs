//! A secret that somebody shows again, and what is kept of it.

use sha2::{Digest as _, Sha256};

/// The SHA-256 of a secret: enough to recognise it, useless to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SecretDigest([u8; 32]);

impl SecretDigest {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// A digest for another purpose, from which the secret cannot be had either.
    pub(crate) fn derived(purpose: &str, secret: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(purpose.as_bytes());
        hasher.update(b"\n");
        hasher.update(secret.as_bytes());
        hex::encode(hasher.finalize())
    }
}
