//! A range of consecutive ledger entries: which access events were filed in it, and how far each went.

use std::collections::HashMap;

use jiff::Timestamp;
use locum_domain::EventId;
use locum_record::Entry;
use locum_tlog::Hash;

use super::period::{FILING_LAG, Period};

/// The first entry of an access event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    pub event: EventId,
    pub position: u64,
    pub at: Timestamp,
}

/// What no ledger of Locum's says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    #[error(
        "entry {position} files an access event at {at}, more than a minute before what stands before it: a filing \
         that was given another time is in no period's population"
    )]
    OutOfTime { position: u64, at: Timestamp },
    #[error("entry {0} does not follow from the entry of its access event before it")]
    Unfollowing(u64),
}

/// How far an event went within the range.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) nth: u64,
    pub(super) position: u64,
    leaf: Hash,
}

/// What consecutive entries say in public.
#[derive(Debug, Clone)]
pub(super) struct Range {
    period: Period,
    pub(super) first: u64,
    /// Just behind the last entry heard.
    pub(super) end: u64,
    pub(super) newest: Option<Timestamp>,
    /// Whether it is shown that no entry before the first files anything of the period.
    has_begun_early: bool,
    filings: Vec<Filing>,
    chains: HashMap<[u8; 16], Last>,
}

impl Range {
    /// Nothing from this position on was heard yet.
    pub(super) fn of(period: Period, first: u64) -> Self {
        Self {
            period,
            first,
            end: first,
            newest: None,
            has_begun_early: first == 0,
            filings: Vec::new(),
            chains: HashMap::new(),
        }
    }

    /// Hears the next entry.
    ///
    /// # Errors
    /// [`RangeFault`] when it does not stand where it may.
    pub(super) fn hear(&mut self, entry: &Entry, leaf: Hash) -> Result<(), RangeFault> {
        let (position, at) = (self.end, entry.at());
        self.end = self.end.saturating_add(1);
        if let Some(place) = entry.place() {
            let last = Last {
                nth: place.nth(),
                position,
                leaf,
            };
            let before = self.chains.insert(place.event(), last);
            let follows = match before {
                Some(before) => {
                    place.nth() == before.nth.saturating_add(1)
                        && place.previous() == Some(before.leaf)
                }
                None => self.first > 0 || place.nth() == 1,
            };
            if !follows {
                return Err(RangeFault::Unfollowing(position));
            }
            if place.nth() == 1 {
                self.file(EventId::from_bytes(place.event()), position, at)?;
            }
        }
        self.newest = self.newest.max(Some(at));
        Ok(())
    }

    fn file(&mut self, event: EventId, position: u64, at: Timestamp) -> Result<(), RangeFault> {
        let latest = at.saturating_add(FILING_LAG).unwrap_or(Timestamp::MAX);
        if self.newest.is_some_and(|newest| latest < newest) {
            return Err(RangeFault::OutOfTime { position, at });
        }
        // Whatever stands before it is at most so much later than it: no filing of the period.
        self.has_begun_early |= latest < self.period.from();
        if self.period.contains(at) {
            self.filings.push(Filing {
                event,
                position,
                at,
            });
        }
        Ok(())
    }

    /// Whether no filing of the period can stand before the range.
    pub(super) const fn begins_early_enough(&self) -> bool {
        self.has_begun_early
    }

    /// Whether no filing of the period can stand behind the range, in a ledger of this size.
    pub(super) fn ends_late_enough(&self, size: u64) -> bool {
        let latest = self.period.to().saturating_add(FILING_LAG);
        let latest = latest.unwrap_or(Timestamp::MAX);
        self.end >= size || self.newest.is_some_and(|newest| newest >= latest)
    }

    /// The filings of the period, in the order of the ledger.
    pub(super) fn filings(&self) -> &[Filing] {
        &self.filings
    }

    /// How far an event went.
    pub(super) fn last_of(&self, event: &EventId) -> Option<Last> {
        self.chains.get(&event.to_bytes()).copied()
    }
}
