//! Ids that are good for one use.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Most ids that are remembered; while all of them are valid, no further one is believed.
const MOST: usize = 10_000;

/// The ids that were used and would still be believed. Kept in memory: after a restart one can be used once more,
/// which its expiry bounds.
#[derive(Debug, Default)]
pub(crate) struct UsedOnce(Mutex<BTreeMap<[u8; 32], Timestamp>>);

impl UsedOnce {
    /// Uses an id up. Answers whether this is its first use.
    pub(crate) fn take(&self, id: &str, expires_at: Timestamp, now: Timestamp) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MOST {
            used.retain(|_, expires_at| *expires_at > now);
        }
        let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let is_used = used.get(&digest).is_some_and(|until| *until > now);
        if is_used || used.len() >= MOST {
            return false;
        }
        used.insert(digest, expires_at);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn r33_an_id_is_used_once_while_it_would_be_believed() {
        let used = UsedOnce::default();
        assert!(used.take("a", at(100), at(1)));
        assert!(!used.take("a", at(100), at(99)));
        assert!(used.take("b", at(100), at(99)));
        assert!(used.take("a", at(200), at(100)));
    }

    #[test]
    fn r33_with_no_room_to_remember_nothing_is_believed() {
        let used = UsedOnce::default();
        for number in 0..MOST {
            assert!(used.take(&number.to_string(), at(100), at(1)));
        }
        assert!(!used.take("one more", at(100), at(1)));
        assert!(used.take("one more", at(200), at(100)));
    }
}
