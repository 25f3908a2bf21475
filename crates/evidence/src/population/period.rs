//! Which filings are asked for.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use locum_domain::{ApplicationId, PrincipalId};
use locum_record::instant;
use serde::{Deserialize, Serialize};

use crate::story::AccessEvent;

/// How far behind the newest time in the ledger a filing may stand. The sequencer gives a filing no place that is
/// later, and whoever finds one has found a ledger that another program wrote. A range of entries that reaches this
/// far beyond both ends of a period therefore holds every filing of it.
pub const FILING_LAG: SignedDuration = SignedDuration::from_secs(60);

/// From a time on, until just before another. Whole microseconds, as entries have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    #[serde(with = "instant")]
    from: Timestamp,
    #[serde(with = "instant")]
    to: Timestamp,
}

impl Period {
    /// `None` when no time lies between the two.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        let (from, to) = (instant::truncate(from), instant::truncate(to));
        (from < to).then_some(Self { from, to })
    }

    /// The first moment of it.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first moment after it.
    #[must_use]
    pub const fn to(&self) -> Timestamp {
        self.to
    }

    /// Whether a time lies in it.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// What a selection is limited to. Without a limit it is the population.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// Events whose request has this application in scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// Events in which this principal acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<PrincipalId>,
}

impl Only {
    /// Whether nothing is left out.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.application.is_none() && self.actor.is_none()
    }

    /// Whether an event is asked for.
    #[must_use]
    pub fn asks_for(&self, event: &AccessEvent) -> bool {
        let application = self.application.as_ref();
        application.is_none_or(|it| event.scope.0.contains_key(it))
            && self.actor.as_ref().is_none_or(|it| *it == event.actor)
    }
}

/// The limits in words, such as `application billing, actor ann`.
impl fmt::Display for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = self.application.as_ref();
        let application = application.map(|it| format!("application {it}"));
        let actor = self.actor.as_ref().map(|it| format!("actor {it}"));
        let limits: Vec<String> = application.into_iter().chain(actor).collect();
        f.write_str(&limits.join(", "))
    }
}
