//! How often each principal did something within a span of time: nobody we know fills the record either.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use locum_domain::{PrincipalId, Timestamp};

/// Refusals recorded one by one, a minute and principal; more than people and their programs need.
const REFUSALS_A_MINUTE: u64 = 300;
/// Previews, an hour and principal.
const PREVIEWS_AN_HOUR: u64 = 120;

/// The meters of the control room. They live in memory: a restart begins anew.
#[derive(Debug)]
pub(crate) struct Meters {
    pub(crate) refusals: Meter,
    pub(crate) previews: Meter,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            refusals: Meter::new(REFUSALS_A_MINUTE, SignedDuration::from_mins(1)),
            previews: Meter::new(PREVIEWS_AN_HOUR, SignedDuration::from_hours(1)),
        }
    }
}

/// One limit for every principal.
#[derive(Debug)]
pub(crate) struct Meter {
    most: u64,
    span: SignedDuration,
    counts: Mutex<BTreeMap<PrincipalId, Count>>,
}

#[derive(Debug)]
struct Count {
    since: Timestamp,
    within: u64,
    beyond: u64,
}

impl Meter {
    pub(crate) fn new(most: u64, span: SignedDuration) -> Self {
        Self {
            most,
            span,
            counts: Mutex::default(),
        }
    }

    /// Counts one; whether it is within the limit.
    pub(crate) fn take(&self, who: &PrincipalId, at: Timestamp) -> bool {
        let mut counts = self.counts();
        let count = counts.entry(who.clone()).or_insert(Count {
            since: at,
            within: 0,
            beyond: 0,
        });
        if at.duration_since(count.since) >= self.span {
            count.since = at;
            count.within = 0;
        }
        let is_within = count.within < self.most;
        if is_within {
            count.within += 1;
        } else {
            count.beyond += 1;
        }
        is_within
    }

    /// What was beyond the limit since the last time this was asked.
    pub(crate) fn take_beyond(&self) -> BTreeMap<PrincipalId, u64> {
        let mut counts = self.counts();
        counts
            .iter_mut()
            .filter(|(_, count)| count.beyond > 0)
            .map(|(who, count)| (who.clone(), std::mem::take(&mut count.beyond)))
            .collect()
    }

    /// Counts on what could not be recorded.
    pub(crate) fn put_back(&self, beyond: BTreeMap<PrincipalId, u64>) {
        let mut counts = self.counts();
        for (who, more) in beyond {
            if let Some(count) = counts.get_mut(&who) {
                count.beyond += more;
            }
        }
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<PrincipalId, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r22_what_is_beyond_a_limit_is_counted_and_the_limit_is_each_ones_own() {
        let meter = Meter::new(2, SignedDuration::from_mins(1));
        let (alice, arno) = ("alice".parse().unwrap(), "arno".parse().unwrap());
        let at = Timestamp::from_second(1_000_000).unwrap();
        let taken: Vec<bool> = (0..4).map(|_| meter.take(&alice, at)).collect();
        assert_eq!(taken, [true, true, false, false]);
        assert!(meter.take(&arno, at));
        let beyond = meter.take_beyond();
        assert_eq!(beyond, BTreeMap::from([(alice.clone(), 2)]));
        meter.put_back(beyond);
        let later = at + SignedDuration::from_mins(1);
        assert!(meter.take(&alice, later));
        assert_eq!(meter.take_beyond().get(&alice), Some(&2));
        assert!(meter.take_beyond().is_empty());
    }
}
