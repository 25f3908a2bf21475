//! Refusals that are counted instead of recorded one by one: those of nobody we know, one entry a minute for each
//! listener and reason; and of somebody we know beyond their limit, one entry a minute for each of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use locum_domain::{Event, Happened, Stream};

use crate::control::Control;
use crate::ports::Proposal;

/// Most listener and reason pairs kept between two entries; the rest are counted together.
const MOST_PAIRS: usize = 256;

/// Counts what strangers were refused, so that nobody can fill the record from outside.
#[derive(Debug, Default)]
pub struct Strangers {
    counts: Mutex<BTreeMap<(String, String), u64>>,
}

impl Strangers {
    /// Counts one refusal.
    pub fn refused(&self, listener: &str, reason: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (listener.to_owned(), reason.to_owned());
        let is_room = counts.len() < MOST_PAIRS || counts.contains_key(&pair);
        let pair = if is_room {
            pair
        } else {
            ("other".to_owned(), "other".to_owned())
        };
        *counts.entry(pair).or_default() += 1;
    }

    /// Records what was counted since the last time. What cannot be recorded is counted on.
    pub async fn record(&self, control: &Control) {
        let Ok(at) = control.now() else { return };
        let counts =
            std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        let beyond = control.meters.refusals.take_beyond();
        let by_strangers = counts
            .iter()
            .map(|((listener, reason), count)| Event::StrangersRefused {
                listener: listener.clone(),
                reason: reason.clone(),
                count: *count,
                at,
            })
            .map(|event| (Stream::Doors, event));
        let beyond_limits = beyond.iter().map(|(by, count)| {
            let event = Event::RefusalsCounted {
                by: by.clone(),
                count: *count,
                at,
            };
            (Stream::Principal(by.clone()), event)
        });
        let events: Vec<Happened> = by_strangers
            .chain(beyond_limits)
            .map(|(stream, event)| Happened { stream, at, event })
            .collect();
        if events.is_empty() {
            return;
        }
        let proposal = Proposal {
            events,
            ..Proposal::default()
        };
        if control.sequencer.commit(proposal).await.is_err() {
            let mut now = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (pair, count) in counts {
                *now.entry(pair).or_default() += count;
            }
            control.meters.refusals.put_back(beyond);
        }
    }
}
