//! The house's clock, as the limiter reads it.

use std::ops::Add;
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::nanos::Nanos;

use crate::ports::Now;

/// The clock that this room was handed. Where it goes back, whoever used up their allowance waits as much longer.
#[derive(Clone)]
pub(super) struct WallClock(pub(super) Now);

/// Time since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Duration);

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.into()))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

impl Clock for WallClock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        let since = (self.0)().duration_since(jiff::Timestamp::UNIX_EPOCH);
        Moment(Duration::try_from(since).unwrap_or_default())
    }
}
