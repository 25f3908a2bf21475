//! Which paths a session asked for lately, so that a page that asks by itself is told from somebody at work.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use locum_domain::ApplicationId;

/// More addresses than one page polls.
const REMEMBERED: usize = 64;

/// The last few paths by their hash, without a lock. The oldest goes when a new one comes; one that is polled
/// and gone is counted as new once, after sixty-four others that were.
pub(crate) struct Recent {
    seen: [AtomicU64; REMEMBERED],
    next: AtomicUsize,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            seen: std::array::from_fn(|_| AtomicU64::new(0)),
            next: AtomicUsize::new(0),
        }
    }
}

impl Recent {
    /// Whether this path was not among them; it is from now on.
    pub(crate) fn is_new(&self, application: &ApplicationId, path: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (application.as_str(), path).hash(&mut hasher);
        // Zero is an empty place.
        let hash = hasher.finish() | 1;
        if self
            .seen
            .iter()
            .any(|seen| seen.load(Ordering::Relaxed) == hash)
        {
            return false;
        }
        let at = self.next.fetch_add(1, Ordering::Relaxed) % REMEMBERED;
        if let Some(place) = self.seen.get(at) {
            place.store(hash, Ordering::Relaxed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r16_a_path_is_new_once_and_again_only_after_many_others() {
        let (recent, billing) = (Recent::default(), "billing".parse().unwrap());
        assert!(recent.is_new(&billing, "/status"));
        assert!(!recent.is_new(&billing, "/status"));
        assert!(recent.is_new(&"crm".parse().unwrap(), "/status"));
        for count in 0..REMEMBERED {
            assert!(recent.is_new(&billing, &format!("/{count}")));
        }
        assert!(recent.is_new(&billing, "/status"));
    }
}
