//! Challenges: random bytes that an authenticator signs, each for one ceremony of one browser.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::ports::Ports;
use crate::secret::SecretDigest;

/// How long somebody may look for their authenticator.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// Most challenges that are open; the oldest gives way.
const MOST: usize = 10_000;

struct Open {
    bytes: [u8; 32],
    made_at: Timestamp,
}

/// The open challenges, by ceremony and by what they are bound to: one each.
#[derive(Default)]
pub(super) struct Challenges(Mutex<BTreeMap<SecretDigest, Open>>);

impl Challenges {
    /// A new one, in place of the one that was open there before. `None` without randomness.
    pub(super) fn open(&self, ceremony: &str, bound_to: &str, ports: &Ports) -> Option<[u8; 32]> {
        let bytes = ports.random()?;
        let now = ports.now();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, it| now.duration_since(it.made_at) < LONGEST);
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, it)| it.made_at)
        {
            let oldest = *oldest.0;
            open.remove(&oldest);
        }
        let made_at = now;
        open.insert(ports.digest(ceremony, bound_to), Open { bytes, made_at });
        Some(bytes)
    }

    /// The one that is open there. It is taken once, whatever becomes of the answer.
    pub(super) fn take(&self, ceremony: &str, bound_to: &str, ports: &Ports) -> Option<[u8; 32]> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = open.remove(&ports.digest(ceremony, bound_to))?;
        let age = ports.now().duration_since(taken.made_at);
        (age < LONGEST).then_some(taken.bytes)
    }
}
