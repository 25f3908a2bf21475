//! A case signal: what a case system says on its own account. It can end access and never grant it.

use locum_domain::case::{CaseChange, CaseLookupError, CaseSignal};
use locum_domain::session::EndedBecause;
use locum_domain::{
    Case, CaseRef, Denial, Event, Happened, Refusal, Session, SessionId, Stream, Timestamp,
};

use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::{Guard, OutboxItem, Proposal, Rejected};

/// One authentic delivery of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub connector: String,
    /// The sender's id of this delivery; a repeated one does nothing.
    pub id: String,
    pub signal: CaseSignal,
}

/// What a signal led to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signalled {
    pub is_repeated: bool,
    pub ended: Vec<SessionId>,
}

/// The outbox kind of a look-up that is owed.
pub(crate) const LOOK_UP: &str = "look-up-case";

/// Acts on an authentic delivery: a close ends at once and is looked up afterwards; anything else makes Locum
/// look the case up.
///
/// # Errors
/// `recorder-unavailable` when nothing can be recorded; the sender tries again.
pub async fn case_signal(control: &Control, delivery: &Delivery) -> Result<Signalled, Refusal> {
    let unseen = Guard::Unseen {
        connector: delivery.connector.clone(),
        delivery: delivery.id.clone(),
    };
    match &delivery.signal {
        CaseSignal::Closed { case, state } => {
            let because = EndedBecause::CaseClosed;
            control
                .case_ended(case, because, false, state, "webhook", Some(unseen))
                .await
        }
        CaseSignal::Changed { case } => {
            let cases = vec![case.clone()];
            control.look_up_soon(cases, unseen).await
        }
        CaseSignal::SomethingChanged { connector } => {
            let cases = control.live_cases(Some(connector)).await?;
            control.look_up_soon(cases, unseen).await
        }
    }
}

impl Control {
    /// The cases that live sessions hang on, each once.
    pub(crate) async fn live_cases(
        &self,
        connector: Option<&str>,
    ) -> Result<Vec<CaseRef>, Refusal> {
        let sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        let mut cases: Vec<CaseRef> = sessions.into_iter().map(|session| session.case).collect();
        cases.retain(|case| connector.is_none_or(|connector| case.connector() == connector));
        cases.sort();
        cases.dedup();
        Ok(cases)
    }

    async fn look_up_soon(&self, cases: Vec<CaseRef>, unseen: Guard) -> Result<Signalled, Refusal> {
        let at = self.time_to_end();
        let outbox = cases.iter().map(|case| look_up_item(case, at)).collect();
        let proposal = Proposal {
            guards: vec![unseen],
            events: Vec::new(),
            outbox,
        };
        match self.sequencer.commit(proposal).await {
            Ok(_) => {}
            Err(SequencerError::Rejected(Rejected::Seen)) => {
                return Ok(Signalled {
                    is_repeated: true,
                    ended: Vec::new(),
                });
            }
            Err(error) => return Err(unavailable(error)),
        }
        let mut signalled = Signalled::default();
        for case in cases {
            signalled
                .ended
                .extend(self.look_at_case(&case, "look-up").await?);
        }
        Ok(signalled)
    }

    /// Looks one case up and ends what no longer stands on it. An unreachable case is the poller's to count.
    pub(crate) async fn look_at_case(
        &self,
        reference: &CaseRef,
        source: &str,
    ) -> Result<Vec<SessionId>, Refusal> {
        let at = self.time_to_end();
        let Some(system) = self.ports.cases.get(reference.connector()) else {
            return Ok(Vec::new());
        };
        match system.look_up(reference, at).await {
            Ok(case) => self.judge_live_case(&case, source).await,
            Err(CaseLookupError::Unknown) => {
                let because = EndedBecause::CaseClosed;
                let state = "unknown to its system";
                Ok(self
                    .case_ended(reference, because, false, state, source, None)
                    .await?
                    .ended)
            }
            Err(CaseLookupError::Unreachable(why)) => {
                Err(Denial::CaseUnreachable.because(format!("`{reference}`: {why}")))
            }
        }
    }

    async fn judge_live_case(&self, case: &Case, source: &str) -> Result<Vec<SessionId>, Refusal> {
        let reference = &case.reference;
        if !case.is_open {
            let because = EndedBecause::CaseClosed;
            return Ok(self
                .case_ended(reference, because, false, &case.state, source, None)
                .await?
                .ended);
        }
        let catalog = self.in_force().catalog.clone();
        let stands = |session: &Session| {
            let assignee = case.assignee.as_deref();
            let is_actors = assignee.is_some_and(|account| {
                catalog.is_account_of(&session.actor, reference.connector(), account)
            });
            let is_subjects = case.subject.as_ref() == Some(&session.subject);
            is_actors && is_subjects && case.tenant == session.tenant
        };
        let keys = [("live-case", reference.to_string())];
        let sessions = self.live_sessions(&keys).await.map_err(unavailable)?;
        if sessions.iter().all(stands) {
            return Ok(Vec::new());
        }
        let because = EndedBecause::CaseReassigned;
        Ok(self
            .case_ended(reference, because, true, &case.state, source, None)
            .await?
            .ended)
    }

    /// Ends every session of a case in one commit, whatever other enders do meanwhile.
    pub(crate) async fn case_ended(
        &self,
        case: &CaseRef,
        because: EndedBecause,
        is_open: bool,
        state: &str,
        source: &str,
        unseen: Option<Guard>,
    ) -> Result<Signalled, Refusal> {
        let stream = Stream::Case(case.clone());
        for _ in 0..8 {
            let at = self.time_to_end();
            let watched = self.ports.store.load(&stream).await.map_err(unavailable)?;
            let keys = [("live-case", case.to_string())];
            let sessions = self.live_sessions(&keys).await.map_err(unavailable)?;
            let mut proposal = self.ending_all(&sessions, because, None, at).await?;
            let change = CaseChange {
                case: case.clone(),
                is_open,
                state: state.to_owned(),
                at,
                source: source.to_owned(),
            };
            // Before the sessions' events: an activation that is being decided now loses its guard.
            let changed = Happened {
                stream: stream.clone(),
                at,
                event: Event::CaseChanged { change },
            };
            proposal.events.insert(0, changed);
            proposal.guards.push(Guard::Version {
                stream: stream.clone(),
                version: watched.version,
            });
            proposal.guards.extend(unseen.clone());
            if source == "webhook" {
                proposal.outbox.push(look_up_item(case, at));
            }
            match self.sequencer.commit(proposal).await {
                Ok(events) => {
                    let ended = events
                        .into_iter()
                        .filter_map(|recorded| match recorded.event {
                            Event::SessionEnded { session, .. } => Some(session),
                            _ => None,
                        });
                    let ended = ended.collect();
                    self.confirm_ended().await;
                    return Ok(Signalled {
                        is_repeated: false,
                        ended,
                    });
                }
                Err(SequencerError::Rejected(Rejected::Seen)) => {
                    return Ok(Signalled {
                        is_repeated: true,
                        ended: Vec::new(),
                    });
                }
                Err(SequencerError::Rejected(_)) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }
}

fn look_up_item(case: &CaseRef, due: Timestamp) -> OutboxItem {
    OutboxItem {
        kind: LOOK_UP.to_owned(),
        body: serde_json::json!({ "case": case.to_string() }),
        due,
    }
}
