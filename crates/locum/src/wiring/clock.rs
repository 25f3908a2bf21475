//! The system's clocks.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use locum_control::ports::ClockUntrusted;
use rustix::time::{ClockId, clock_gettime};

/// A wall clock behind the last entry by less than this is held at the last entry; further back it is not
/// believed. Two machines that are looked after differ by less.
const TOLERATED: SignedDuration = SignedDuration::from_secs(5);

/// Wall time that never falls below the ledger's last entry, and boot time.
#[derive(Debug, Default)]
pub(crate) struct SystemClock {
    last_microsecond: AtomicI64,
}

impl SystemClock {
    fn last(&self) -> Timestamp {
        let microseconds = self.last_microsecond.load(Ordering::Acquire);
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl locum_control::ports::Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, ClockUntrusted> {
        let (says, last) = (Timestamp::now(), self.last());
        if says.saturating_add(TOLERATED).unwrap_or(says) < last {
            return Err(ClockUntrusted { says, last });
        }
        Ok(says.max(last))
    }

    fn committed(&self, at: Timestamp) {
        self.last_microsecond
            .fetch_max(at.as_microsecond(), Ordering::AcqRel);
    }
}

impl locum_gateway::Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now().max(self.last())
    }

    fn boot_us(&self) -> u64 {
        let since_boot = clock_gettime(ClockId::Boottime);
        let microseconds = since_boot
            .tv_sec
            .saturating_mul(1_000_000)
            .saturating_add(since_boot.tv_nsec / 1_000);
        u64::try_from(microseconds).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use locum_control::ports::Clock as _;

    #[test]
    fn r22_time_never_falls_below_the_last_entry_and_a_stepped_clock_is_not_believed() {
        let clock = SystemClock::default();
        let slightly_ahead = Timestamp::now() + SignedDuration::from_secs(3);
        clock.committed(slightly_ahead);
        assert!(clock.now().unwrap().as_microsecond() >= slightly_ahead.as_microsecond());
        clock.committed(Timestamp::now() + SignedDuration::from_hours(1));
        assert!(clock.now().is_err());
    }
}
