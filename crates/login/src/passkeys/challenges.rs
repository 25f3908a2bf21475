//! Challenges: random bytes that an authenticator signs, each for one ceremony.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// The challenges of people who are signed in, or hold the code of an invitation, by ceremony and by what they are
/// bound to: one each. No stranger opens one, so no stranger takes their place.
#[derive(Default)]
pub(super) struct Challenges(Mutex<All>);

#[derive(Default)]
struct All {
    open: BTreeMap<SecretDigest, Open>,
    by_age: BTreeSet<(Timestamp, SecretDigest)>,
}

impl Challenges {
    /// A new one, in place of the one that was open there before. `None` without randomness.
    pub(super) fn open(&self, ceremony: &str, bound_to: &str, ports: &Ports) -> Option<[u8; 32]> {
        let bytes = ports.random()?;
        let now = ports.now();
        let place = ports.digest(ceremony, bound_to);
        let mut all = self.all();
        all.take(&place);
        while let Some((made_at, oldest)) = all.by_age.first().copied()
            && (all.open.len() >= MOST || now.duration_since(made_at) >= LONGEST)
        {
            all.take(&oldest);
        }
        let made_at = now;
        all.open.insert(place, Open { bytes, made_at });
        all.by_age.insert((made_at, place));
        Some(bytes)
    }

    /// The one that is open there. It is taken once, whatever becomes of the answer.
    pub(super) fn take(&self, ceremony: &str, bound_to: &str, ports: &Ports) -> Option<[u8; 32]> {
        let taken = self.all().take(&ports.digest(ceremony, bound_to))?;
        let age = ports.now().duration_since(taken.made_at);
        (age < LONGEST).then_some(taken.bytes)
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn take(&mut self, place: &SecretDigest) -> Option<Open> {
        let taken = self.open.remove(place)?;
        self.by_age.remove(&(taken.made_at, *place));
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::secret::SecretKey;

    #[test]
    fn r33_of_too_many_challenges_the_oldest_gives_way_and_none_outlives_its_time() {
        let second = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&second);
        let now = move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap();
        let random = || Some([1; 32]);
        let ports = Ports::new(SecretKey::new(&[1; 32]), Arc::new(now), Arc::new(random));
        let challenges = Challenges::default();
        let open = |number: usize| challenges.open("a", &number.to_string(), &ports);
        let take = |number: usize| challenges.take("a", &number.to_string(), &ports);
        open(0).unwrap();
        second.store(1, Ordering::Relaxed);
        for number in 1..=MOST {
            open(number).unwrap();
        }
        assert!(take(0).is_none());
        assert!(take(1).is_some() && take(1).is_none());
        second.store(301, Ordering::Relaxed);
        assert!(take(2).is_none());
        open(MOST + 1).unwrap();
        assert_eq!(challenges.all().open.len(), 1);
        assert_eq!(challenges.all().by_age.len(), 1);
    }
}
