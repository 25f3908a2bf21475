//! The population as it is told: names, order and meaning of every member of `population.json`.

use jiff::Timestamp;
use locum_domain::{ApplicationId, CaseRef, EventId, PrincipalId, SubjectId, TenantId};
use locum_record::instant;
use serde::{Deserialize, Serialize};

use super::period::{Only, Period};
use super::range::{Filing, Range};
use crate::story::{AccessEvent, Line};

/// Every access event that was filed in a period, or those of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationTold {
    #[serde(flatten)]
    pub period: Period,
    /// What a selection is limited to; absent for the population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// How many were filed in the period, whether they are told or not.
    pub filed: usize,
    pub range: RangeTold,
    /// In the order of their filings.
    pub events: Vec<EventTold>,
}

/// The entries that show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeTold {
    pub first: u64,
    /// Just behind the last.
    pub end: u64,
    /// The newest time in it: so far each event is told.
    #[serde(with = "instant")]
    pub until: Timestamp,
}

/// One access event on a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTold {
    pub event: EventId,
    #[serde(flatten)]
    pub filed: Line,
    pub requester: PrincipalId,
    pub actor: PrincipalId,
    pub subject: SubjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    pub case: CaseRef,
    pub applications: Vec<ApplicationId>,
    pub break_glass: bool,
    /// The request's state.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Line>,
    /// How many entries are the event's own.
    pub entries: u64,
    /// The codes of what is open, missing or wrong.
    pub findings: Vec<String>,
}

impl PopulationTold {
    pub(super) fn of(period: Period, only: &Only, range: &Range, events: Vec<EventTold>) -> Self {
        Self {
            period,
            only: Some(only).filter(|only| !only.is_everything()).cloned(),
            filed: range.filings().len(),
            range: RangeTold {
                first: range.first,
                end: range.end,
                until: range.newest.unwrap_or(Timestamp::UNIX_EPOCH),
            },
            events,
        }
    }

    /// Whether it is one of a selection.
    pub(super) fn is_selection(&self) -> bool {
        self.only.is_some()
    }
}

impl EventTold {
    /// One event of which so many entries are its own.
    pub(super) fn of(filing: &Filing, entries: u64, told: &AccessEvent) -> Self {
        Self {
            event: filing.event.clone(),
            filed: Line {
                position: filing.position,
                at: filing.at,
            },
            requester: told.requester.clone(),
            actor: told.actor.clone(),
            subject: told.subject.clone(),
            tenant: told.tenant.clone(),
            case: told.case.reference.clone(),
            applications: told.scope.0.keys().cloned().collect(),
            break_glass: told.break_glass,
            state: told.state.clone(),
            activated: told.activation,
            ended: told.ended,
            entries,
            findings: told.findings.iter().map(|it| it.code.clone()).collect(),
        }
    }
}
