//! What a restore undoes before anybody is served: sessions that the copy still had live, grants that it still had
//! unused, and stops that it did not know.

use locum_domain::hold::Hold;
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, Denial, Event, Happened, Refusal, Request, RequestState, SessionId, Stream,
    Timestamp,
};

use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::{Guard, Proposal, Query};

impl Control {
    /// Ends every session and lapses every unused grant of before the last restore. Nothing has to be remembered for
    /// it: whatever the ledger holds of before that entry was live or unused in the copy, and what it does not hold has
    /// come to its end since.
    ///
    /// # Errors
    /// When an end cannot be recorded; then nobody is served.
    pub(crate) async fn settle_restoration(&self) -> Result<(), Refusal> {
        let restores = self.verified_events(&Stream::Restores).await?;
        let Some(last) = restores.last() else {
            return Ok(());
        };
        let ended = self.live_before(last.position).await?;
        let cut = self
            .end_each(ended, EndedBecause::Restored, None)
            .await
            .len();
        if let Some(left) = self.live_before(last.position).await?.first() {
            return Err(unavailable(format!("{left} does not end")));
        }
        let lapsed = self.lapse_unused(last.at).await?;
        if cut + lapsed > 0 {
            tracing::warn!(
                sessions = cut,
                grants = lapsed,
                "ended and lapsed: the record was restored"
            );
        }
        Ok(())
    }

    async fn live_before(&self, position: u64) -> Result<Vec<SessionId>, Refusal> {
        let sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        let before = sessions.into_iter().filter(|it| it.activation < position);
        Ok(before.map(|session| session.id).collect())
    }

    async fn lapse_unused(&self, until: Timestamp) -> Result<usize, Refusal> {
        let mut unused = Vec::new();
        let mut before = None;
        loop {
            let query = Query {
                keys: vec![("state".to_owned(), "approved".to_owned())],
                before,
                limit: 200,
            };
            let page = self.ports.store.list("request", query).await;
            let page = page.map_err(unavailable)?;
            unused.extend(page.states.into_iter().filter_map(|state| match state {
                Aggregate::Request(request) if is_granted_by(&request, until) => Some(request.id),
                _ => None,
            }));
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        let because =
            Denial::Lapsed.because("the record was restored from a copy of before it was used");
        for id in &unused {
            let (request, version) = self.existing_request(id).await?;
            let (stream, at) = (Stream::Request(id.clone()), self.time_to_end());
            if let Some(event) = request.lapse_for(&because, at) {
                let proposal = Proposal::of(&stream, version, event, at);
                self.sequencer.commit(proposal).await.map_err(unavailable)?;
            }
        }
        Ok(unused.len())
    }

    /// Places holds that stood outside the store and that it does not know: a restored copy is older than they are.
    /// Whoever wrote the list could only have stopped something.
    ///
    /// # Errors
    /// When they cannot be recorded; then nobody is served.
    pub async fn place_again(&self, holds: &[Hold]) -> Result<(), Refusal> {
        let mut placed = false;
        for hold in holds.iter().filter(|hold| hold.lifted.is_none()) {
            let stream = Stream::Hold(hold.id.clone());
            let known = self.ports.store.load(&stream).await.map_err(unavailable)?;
            if known.state.is_some() {
                continue;
            }
            let hold = hold.clone();
            tracing::warn!(hold = %hold.id, by = %hold.by, "placed again: the restored record did not know it");
            let at = self.time_to_end();
            let proposal = Proposal {
                guards: vec![Guard::Version {
                    stream: stream.clone(),
                    version: known.version,
                }],
                events: vec![Happened {
                    stream,
                    at,
                    event: Event::HoldPlaced { hold },
                }],
                outbox: Vec::new(),
            };
            match self.sequencer.commit(proposal).await {
                Ok(_) | Err(SequencerError::Rejected(_)) => placed = true,
                Err(error) => return Err(unavailable(error)),
            }
        }
        if placed {
            self.end_held().await
        } else {
            Ok(())
        }
    }
}

fn is_granted_by(request: &Request, until: Timestamp) -> bool {
    matches!(request.state, RequestState::Approved { at, .. } if at <= until)
}
