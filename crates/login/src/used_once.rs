//! Ids that are good for one use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

type Digest = [u8; 32];

/// The ids that were used and would still be believed. Kept in memory: after a restart one can be used once more,
/// which its expiry bounds.
#[derive(Debug)]
pub(crate) struct UsedOnce {
    most: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    /// Every id, and whose use it was.
    ids: BTreeMap<Digest, Digest>,
    by_expiry: BTreeSet<(Timestamp, Digest)>,
    by_owner: BTreeMap<Digest, usize>,
}

impl UsedOnce {
    /// Remembers at most this many ids of one owner; while all of them are valid, no further one of theirs is
    /// believed. Whoever fills their own room stops nobody else.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            used: Mutex::default(),
        }
    }

    /// Whether an id was used already and would still be believed.
    pub(crate) fn is_used(&self, id: &str, now: Timestamp) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget_expired(now);
        used.ids.contains_key(&digest(id))
    }

    /// Uses an id up, for whoever proved themselves by it. Answers whether this is its first use.
    pub(crate) fn take(
        &self,
        owner: &str,
        id: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget_expired(now);
        let (owner, id) = (digest(owner), digest(id));
        let theirs = used.by_owner.get(&owner).copied().unwrap_or(0);
        if used.ids.contains_key(&id) || theirs >= self.most {
            return false;
        }
        used.ids.insert(id, owner);
        used.by_expiry.insert((expires_at, id));
        used.by_owner.insert(owner, theirs + 1);
        true
    }
}

impl Used {
    fn forget_expired(&mut self, now: Timestamp) {
        while let Some((expires_at, id)) = self.by_expiry.first().copied()
            && expires_at <= now
        {
            self.by_expiry.pop_first();
            let Some(owner) = self.ids.remove(&id) else {
                continue;
            };
            match self.by_owner.get(&owner).copied() {
                Some(theirs) if theirs > 1 => self.by_owner.insert(owner, theirs - 1),
                _ => self.by_owner.remove(&owner),
            };
        }
    }
}

fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn r33_an_id_is_used_once_while_it_would_be_believed() {
        let used = UsedOnce::new(10);
        assert!(!used.is_used("a", at(1)));
        assert!(used.take("alice", "a", at(100), at(1)));
        assert!(used.is_used("a", at(99)));
        assert!(!used.take("alice", "a", at(100), at(99)));
        assert!(!used.take("bob", "a", at(100), at(99)));
        assert!(used.take("alice", "b", at(100), at(99)));
        assert!(!used.is_used("a", at(100)));
        assert!(used.take("alice", "a", at(200), at(100)));
    }

    #[test]
    fn r33_whoever_fills_their_own_room_stops_nobody_else() {
        let used = UsedOnce::new(10);
        for number in 0..10 {
            let expires = 100 + number % 2;
            assert!(used.take("alice", &number.to_string(), at(expires), at(1)));
        }
        assert!(!used.take("alice", "one more", at(200), at(1)));
        assert!(used.take("bob", "one more", at(200), at(1)));
        // Half of hers have expired.
        assert!(used.take("alice", "another", at(200), at(100)));
    }
}
