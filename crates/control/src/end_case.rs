//! What a case carried ends with it: its sessions, and, when it is closed, the requests that nobody used yet.
//!
//! Usually one commit says all of it: the change of the case and every end that follows. That commit stands on
//! the versions of everything it ends, so anything else that happens meanwhile rejects it. Then the change alone
//! is committed, which nothing can reject but its own repetition, and from its position on no activation that
//! looked the case up before can be committed: an activation is guarded by the version of its case. Whatever
//! began before that position is in the store and is ended piece by piece. So the order of two commits decides
//! who wins, and no number of sessions or of busy actors makes a close fail.

use std::collections::BTreeSet;

use locum_domain::case::CaseChange;
use locum_domain::session::EndedBecause;
use locum_domain::{
    CaseRef, Denial, Event, Happened, Recorded, Refusal, Request, RequestId, RequestState, Session,
    SessionId, Stream, Timestamp,
};

use crate::case_signal::{Signalled, look_up_item};
use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::{Guard, Proposal, Rejected};

/// More sessions and requests than these are never ended in the change's own commit.
const MOST_IN_ONE: usize = 16;
/// How often a lapse is proposed anew because something else came first.
const MOST_ATTEMPTS: usize = 8;

/// What was learnt of a case, and what ends with it.
#[derive(Debug, Clone)]
pub(crate) struct CaseEnd {
    pub(crate) case: CaseRef,
    pub(crate) because: EndedBecause,
    /// Whether the case itself goes on: it was handed over, or nobody could say.
    pub(crate) is_open: bool,
    pub(crate) state: String,
    pub(crate) source: String,
    /// Which sessions end; all of the case's when it says nothing.
    pub(crate) only: Option<BTreeSet<SessionId>>,
    /// The delivery this came with.
    pub(crate) unseen: Option<Guard>,
}

impl CaseEnd {
    pub(crate) fn closed(case: &CaseRef, state: &str, source: &str) -> Self {
        Self {
            case: case.clone(),
            because: EndedBecause::CaseClosed,
            is_open: false,
            state: state.to_owned(),
            source: source.to_owned(),
            only: None,
            unseen: None,
        }
    }

    fn concerns(&self, session: &Session) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.contains(&session.id))
    }

    /// The proposal that says what was learnt and nothing else.
    fn change(&self, at: Timestamp) -> Proposal {
        let change = CaseChange {
            case: self.case.clone(),
            is_open: self.is_open,
            state: self.state.clone(),
            at,
            source: self.source.clone(),
        };
        let changed = Happened {
            stream: Stream::Case(self.case.clone()),
            at,
            event: Event::CaseChanged { change },
        };
        let is_owed = self.source == "webhook";
        Proposal {
            guards: self.unseen.clone().into_iter().collect(),
            events: vec![changed],
            outbox: is_owed
                .then(|| look_up_item(&self.case, at))
                .into_iter()
                .collect(),
        }
    }
}

impl Control {
    /// Records what was learnt of the case and ends what stood on it. It goes on when whoever told of it has
    /// gone away.
    ///
    /// # Errors
    /// `recorder-unavailable` when nothing can be recorded; what could be read is cut all the same.
    pub(crate) async fn end_case(&self, end: CaseEnd) -> Result<Signalled, Refusal> {
        let control = self.clone();
        let ended = tokio::spawn(async move { control.end_case_here(&end).await });
        ended.await.map_err(unavailable)?
    }

    async fn end_case_here(&self, end: &CaseEnd) -> Result<Signalled, Refusal> {
        let at = self.time_to_end();
        let alone = end.change(at);
        let committed = match self.change_and_ends(end, at).await {
            Some(whole) => match self.commit_or_cut(whole).await {
                Err(SequencerError::Rejected(Rejected::Changed(_))) => {
                    self.sequencer.commit(alone).await
                }
                other => other,
            },
            None => self.sequencer.commit(alone).await,
        };
        let events = match committed {
            Ok(events) => events,
            Err(SequencerError::Rejected(Rejected::Seen)) => return Ok(Signalled::repeated()),
            Err(error) => {
                self.cut_case(end, at).await;
                return Err(unavailable(error));
            }
        };
        let mut ended = sessions_ended(&events);
        ended.extend(self.sweep_case(end, &events, at).await?);
        self.confirm_ended().await;
        Ok(Signalled {
            is_repeated: false,
            ended,
        })
    }

    /// The change with everything that follows from it; nothing when that is too much or cannot be read.
    async fn change_and_ends(&self, end: &CaseEnd, at: Timestamp) -> Option<Proposal> {
        let sessions = self.sessions_of(end).await.ok()?;
        let requests = self.requests_of(end).await.ok()?;
        if sessions.len().saturating_add(requests.len()) > MOST_IN_ONE {
            return None;
        }
        let mut whole = end.change(at);
        for session in &sessions {
            match self.ending(&session.id, end.because, None, at).await {
                Ok(proposal) => {
                    whole.guards.extend(proposal.guards);
                    whole.events.extend(proposal.events);
                }
                // Another ender came first: it is over, which is what was wanted.
                Err(refusal) if refusal.denial == Denial::AlreadyDecided => {}
                Err(_) => return None,
            }
        }
        for request in requests {
            let (request, version) = self.existing_request(&request.id).await.ok()?;
            if !request.state.is_settled() {
                let lapse = lapse(&request.id, version, at);
                whole.guards.extend(lapse.guards);
                whole.events.extend(lapse.events);
            }
        }
        Some(whole)
    }

    /// Ends what is left of everything that began before the change.
    async fn sweep_case(
        &self,
        end: &CaseEnd,
        events: &[Recorded],
        at: Timestamp,
    ) -> Result<Vec<SessionId>, Refusal> {
        let change = events
            .first()
            .map_or(u64::MAX, |recorded| recorded.position);
        let mut left = self.sessions_of(end).await?;
        left.retain(|session| session.activation < change);
        let left = left.into_iter().map(|session| session.id).collect();
        let ended = self.end_each(left, end.because, None).await;
        for request in self.requests_of(end).await? {
            // What is filed on a reopened case stands on another look-up.
            if request.filed_at <= at
                && let Err(refusal) = self.lapse_with_case(&request.id).await
            {
                tracing::error!(request = %request.id, %refusal, "a request did not lapse with its case");
            }
        }
        Ok(ended)
    }

    async fn lapse_with_case(&self, id: &RequestId) -> Result<(), Refusal> {
        for _ in 0..MOST_ATTEMPTS {
            let (request, version) = self.existing_request(id).await?;
            if request.state.is_settled() {
                return Ok(());
            }
            let proposal = lapse(id, version, self.time_to_end());
            match self.sequencer.commit(proposal).await {
                Ok(_) => return Ok(()),
                Err(SequencerError::Rejected(_)) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }

    /// What to say of a request that has lapsed: that its case is closed, as long as it is, for that is why it
    /// lapsed or why it could not be used anyway.
    pub(crate) async fn why_lapsed(
        &self,
        request: &Request,
        refusal: Refusal,
        at: Timestamp,
    ) -> Refusal {
        if !matches!(request.state, RequestState::Lapsed { .. }) {
            return refusal;
        }
        let judged = self
            .case_still_justifies(&self.in_force(), request, at)
            .await;
        judged
            .err()
            .filter(|of_case| of_case.denial == Denial::CaseNotOpen)
            .unwrap_or(refusal)
    }

    async fn cut_case(&self, end: &CaseEnd, at: Timestamp) {
        match self.sessions_of(end).await {
            Ok(sessions) => {
                for session in sessions {
                    self.cut(&session.id, end.because, None, at);
                }
            }
            Err(refusal) => {
                tracing::error!(case = %end.case, %refusal, "nobody knows which sessions to cut");
            }
        }
    }

    async fn sessions_of(&self, end: &CaseEnd) -> Result<Vec<Session>, Refusal> {
        let keys = [("live-case", end.case.to_string())];
        let mut sessions = self.live_sessions(&keys).await.map_err(unavailable)?;
        sessions.retain(|session| end.concerns(session));
        Ok(sessions)
    }

    /// The requests that a closed case leaves without anything to stand on, also when it is opened again (R04).
    async fn requests_of(&self, end: &CaseEnd) -> Result<Vec<Request>, Refusal> {
        if end.is_open {
            return Ok(Vec::new());
        }
        let case = end.case.to_string();
        let mut requests = self.requests_with("case", &case, Timestamp::MIN).await?;
        requests.retain(|request| !request.state.is_settled());
        Ok(requests)
    }
}

fn lapse(id: &RequestId, version: u64, at: Timestamp) -> Proposal {
    let stream = Stream::Request(id.clone());
    let event = Event::RequestLapsed {
        request: id.clone(),
        because: None,
        at,
    };
    Proposal::of(&stream, version, event, at)
}

fn sessions_ended(events: &[Recorded]) -> Vec<SessionId> {
    let ended = events.iter().filter_map(|recorded| match &recorded.event {
        Event::SessionEnded { session, .. } => Some(session.clone()),
        _ => None,
    });
    ended.collect()
}
