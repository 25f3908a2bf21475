//! Ends that are ordered and not on the record yet: the store gave no answer, and the session was cut all the
//! same. Access that goes on because nothing can be written would be access that cannot be taken away.
//!
//! The jobs record what is kept here as soon as the store answers. Only this process remembers it: when it dies
//! before, the record still says `live`, and the next start takes the session up again. The jobs then end it for
//! whatever cause still stands (end time, closed or unreachable case, hold, policy); somebody's own end button
//! does not stand, which is why they are answered `recorder-unavailable` and never "ended".

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Event, PrincipalId, Recorded, SessionId, Timestamp};

use crate::control::Control;
use crate::ledger::SequencerError;
use crate::ports::Proposal;

/// Why a session was cut, and by whom.
type Order = (EndedBecause, Option<PrincipalId>);

/// The ends that still have to be recorded.
#[derive(Debug, Default)]
pub(crate) struct Unrecorded(Mutex<BTreeMap<SessionId, Order>>);

impl Unrecorded {
    fn orders(&self) -> std::sync::MutexGuard<'_, BTreeMap<SessionId, Order>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// Commits, and cuts what the proposal would have ended when the store gives no answer.
    ///
    /// # Errors
    /// As the sequencer's.
    pub(crate) async fn commit_or_cut(
        &self,
        proposal: Proposal,
    ) -> Result<Vec<Recorded>, SequencerError> {
        let end = |event: &Event| match event {
            Event::SessionEnded {
                session,
                because,
                by,
                at,
            } => Some((session.clone(), *because, by.clone(), *at)),
            _ => None,
        };
        let ends: Vec<_> = proposal
            .events
            .iter()
            .filter_map(|happened| end(&happened.event))
            .collect();
        let outcome = self.sequencer.commit(proposal).await;
        if let Err(SequencerError::Store(_) | SequencerError::Stopped) = &outcome {
            for (session, because, by, at) in ends {
                self.cut(&session, because, by, at);
            }
        }
        outcome
    }

    /// Cuts a session whose end cannot be recorded now, and keeps the end for later. The first cause stays.
    pub(crate) fn cut(
        &self,
        session: &SessionId,
        because: EndedBecause,
        by: Option<PrincipalId>,
        at: Timestamp,
    ) {
        if let Entry::Vacant(entry) = self.unrecorded.orders().entry(session.clone()) {
            entry.insert((because, by));
            let cut = self.ports.data_plane.end(session, because, at);
            tracing::error!(
                %session, because = because.as_str(), in_flight = cut.in_flight,
                "a session was cut and its end is not recorded yet"
            );
        }
    }

    /// Records the ends that could only be cut so far.
    pub(crate) async fn record_cuts(&self) {
        let orders: Vec<(SessionId, Order)> = self
            .unrecorded
            .orders()
            .iter()
            .map(|(session, order)| (session.clone(), order.clone()))
            .collect();
        for (session, (because, by)) in orders {
            match self.try_end(&session, because, by.as_ref()).await {
                Ok(_) => {}
                Err(refusal) if refusal.denial == Denial::NotFound => {}
                // The store is still away, or somebody else came first: the next round sees.
                Err(_) => continue,
            }
            self.unrecorded.orders().remove(&session);
        }
    }
}
