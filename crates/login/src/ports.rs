//! What this room is handed instead of reaching for it: the time, randomness, and the key of its secrets.

use std::sync::Arc;

use jiff::Timestamp;

use crate::secret::{SecretDigest, SecretKey};

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Makes 32 random bytes, or none when there is no randomness.
pub type Random = Arc<dyn Fn() -> Option<[u8; 32]> + Send + Sync>;

/// The time, randomness and a key. Cheap to clone: every store of this room has its own.
#[derive(Clone)]
pub struct Ports {
    now: Now,
    random: Random,
    key: SecretKey,
}

impl Ports {
    /// These three.
    pub fn new(key: SecretKey, now: Now, random: Random) -> Self {
        Self { now, random, key }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(crate) fn random(&self) -> Option<[u8; 32]> {
        (self.random)()
    }

    /// A new secret of 256 bits, as text.
    pub(crate) fn secret(&self) -> Option<String> {
        self.random().map(hex::encode)
    }

    pub(crate) fn digest(&self, purpose: &str, secret: &str) -> SecretDigest {
        self.key.digest(purpose, secret)
    }

    /// 32 bytes that depend on the secret and tell nothing about it.
    pub(crate) fn tag(&self, purpose: &str, secret: &str) -> [u8; 32] {
        self.key.tag(purpose, secret)
    }

    pub(crate) fn derived(&self, purpose: &str, secret: &str) -> String {
        self.key.derived(purpose, secret)
    }
}
