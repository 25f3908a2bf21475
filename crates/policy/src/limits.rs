//! How long things last, by tier; the strictest tier of a request decides. Minutes, unless said otherwise.

use locum_domain::Minutes;
use locum_domain::catalog::{Application, Tier};

/// The defaults of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The longest ordinary session, and what one actor may be granted for one subject in 24 hours.
    pub(crate) ceiling: u32,
    pub(crate) decide_within: u32,
    pub(crate) activate_within: u32,
    pub(crate) idle_within: u32,
    /// Working days.
    pub(crate) review_within_days: u32,
}

/// The longest session of an emergency, whatever the tier.
pub(crate) const EMERGENCY_CEILING: u32 = 60;
// An emergency is strictly shorter than an ordinary session of any tier, whatever the tiers' ceilings become (R11).
const _: () = assert!(
    EMERGENCY_CEILING < Limits::of(Tier::Low).ceiling
        && EMERGENCY_CEILING < Limits::of(Tier::Standard).ceiling
        && EMERGENCY_CEILING < Limits::of(Tier::Regulated).ceiling
);
/// Minutes in which an emergency must be decided, and activated.
const EMERGENCY_WITHIN: u32 = 15;

impl Limits {
    pub(crate) const fn of(tier: Tier) -> Self {
        let (ceiling, decide_within, activate_within, idle_within, review_within_days) = match tier
        {
            Tier::Low => (480, 480, 480, 15, 5),
            Tier::Standard => (240, 240, 240, 15, 2),
            Tier::Regulated => (120, 240, 120, 10, 1),
        };
        Self {
            ceiling,
            decide_within,
            activate_within,
            idle_within,
            review_within_days,
        }
    }

    /// The limits of the strictest tier among these applications.
    pub(crate) fn strictest<'a>(applications: impl IntoIterator<Item = &'a Application>) -> Self {
        let tier = applications.into_iter().map(|it| it.tier).max();
        Self::of(tier.unwrap_or(Tier::Regulated))
    }

    /// The same, for an emergency.
    pub(crate) fn in_emergency(self) -> Self {
        Self {
            decide_within: EMERGENCY_WITHIN,
            activate_within: EMERGENCY_WITHIN,
            review_within_days: 1,
            ..self
        }
    }

    /// The longest session, given the shortest eligibility that covers it.
    pub(crate) fn longest(self, eligible: Option<u32>, break_glass: bool) -> Minutes {
        let ordinary = eligible.map_or(self.ceiling, |longest| longest.min(self.ceiling));
        if break_glass {
            Minutes(ordinary.div_euclid(2).min(EMERGENCY_CEILING))
        } else {
            Minutes(ordinary)
        }
    }
}
