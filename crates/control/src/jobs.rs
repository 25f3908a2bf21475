//! What happens by itself: expiry, idleness, lapse, escalation, polling, owed look-ups, confirmations.
//!
//! Every job is idempotent and reads what is due from the store, so that a restart or a changed clock loses
//! and doubles nothing.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, CaseRef, Denial, Event, Happened, Refusal, Request, Stream, Timestamp,
};

use crate::case_signal::LOOK_UP;
use crate::control::{Control, unavailable};
use crate::ports::{Guard, Proposal, Query};

/// The jobs' own memory: what has been unreachable since when, and when each case was last polled.
#[derive(Debug, Default)]
pub struct Jobs {
    unreachable_since: BTreeMap<CaseRef, Timestamp>,
    polled_at: BTreeMap<CaseRef, Timestamp>,
}

/// A claimed look-up that nobody completed in this time is claimed again.
const CLAIM: SignedDuration = SignedDuration::from_secs(30);
/// A look-up that failed is tried again after this time; polling tries as well.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

impl Jobs {
    /// Does everything that is due. Called about once a second. One job's failure does not stop the others.
    pub async fn run_once(&mut self, control: &Control) {
        let failures = [
            ("expire", expire(control).await),
            ("idle", end_idle(control).await),
            ("deadlines", deadlines(control).await),
            ("outbox", self.work_outbox(control).await),
            ("poll", self.poll(control).await),
        ];
        for (job, outcome) in failures {
            if let Err(refusal) = outcome {
                tracing::warn!(job, %refusal, "a job could not finish");
            }
        }
        control.confirm_ended().await;
    }

    async fn work_outbox(&mut self, control: &Control) -> Result<(), Refusal> {
        let at = control.time_to_end();
        let until = at.saturating_add(CLAIM).unwrap_or(at);
        let tasks = control
            .ports
            .store
            .claim(at, until, 32)
            .await
            .map_err(unavailable)?;
        for task in tasks {
            let case = task
                .body
                .get("case")
                .and_then(|case| case.as_str()?.parse::<CaseRef>().ok());
            let outcome = match (task.kind.as_str(), case) {
                (LOOK_UP, Some(case)) => control.look_at_case(&case, "look-up").await.map(|_| ()),
                (kind, _) => {
                    tracing::error!(kind, "the outbox holds work that nobody does");
                    Ok(())
                }
            };
            let store = &control.ports.store;
            let kept = match outcome {
                Ok(()) => store.complete(task.id).await,
                Err(_) => {
                    store
                        .postpone(task.id, at.saturating_add(AFTER_FAILURE).unwrap_or(at))
                        .await
                }
            };
            kept.map_err(unavailable)?;
        }
        Ok(())
    }

    /// Looks every case up that live sessions hang on, each within its connector's interval.
    async fn poll(&mut self, control: &Control) -> Result<(), Refusal> {
        let at = control.time_to_end();
        // A clock that cannot be believed measures no interval: then every round is due.
        let is_timed = control.now().is_ok();
        let cases = control.live_cases(None).await?;
        self.polled_at.retain(|case, _| cases.contains(case));
        self.unreachable_since
            .retain(|case, _| cases.contains(case));
        for case in cases {
            let Some(system) = control.ports.cases.get(case.connector()) else {
                continue;
            };
            let interval = SignedDuration::from_secs(i64::from(system.poll_seconds()));
            let is_due = self
                .polled_at
                .get(&case)
                .is_none_or(|then| at.duration_since(*then) >= interval);
            let is_unreachable = self.unreachable_since.contains_key(&case);
            if is_timed && !is_due && !is_unreachable {
                continue;
            }
            self.polled_at.insert(case.clone(), at);
            match control.look_at_case(&case, "poll").await {
                Ok(_) => {
                    self.unreachable_since.remove(&case);
                }
                Err(refusal) if refusal.denial == Denial::CaseUnreachable => {
                    let since = *self.unreachable_since.entry(case.clone()).or_insert(at);
                    let grace = SignedDuration::from_secs(i64::from(system.grace_seconds()));
                    if at.duration_since(since) >= grace {
                        let because = EndedBecause::CaseUnreachable;
                        let why = &refusal.detail;
                        control
                            .case_ended(&case, because, true, why, "poll", None)
                            .await?;
                    }
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }
}

async fn expire(control: &Control) -> Result<(), Refusal> {
    let at = control.time_to_end();
    for session in control.live_sessions(&[]).await.map_err(unavailable)? {
        if at >= session.end_by {
            control
                .end_by_itself(&session.id, EndedBecause::Expired)
                .await?;
        }
    }
    Ok(())
}

async fn end_idle(control: &Control) -> Result<(), Refusal> {
    for session in control.ports.data_plane.idle() {
        control.end_by_itself(&session, EndedBecause::Idle).await?;
    }
    Ok(())
}

/// Lapses and escalates requests that nobody answered or used in time.
async fn deadlines(control: &Control) -> Result<(), Refusal> {
    let at = control.now()?;
    for state in ["pending", "offered", "approved"] {
        let mut before = None;
        loop {
            let keys = vec![("state".to_owned(), state.to_owned())];
            let query = Query {
                keys,
                before,
                limit: 200,
            };
            let page = control
                .ports
                .store
                .list("request", query)
                .await
                .map_err(unavailable)?;
            for found in page.states {
                if let Aggregate::Request(request) = found {
                    deadline(control, &request, at).await?;
                }
            }
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
    }
    Ok(())
}

async fn deadline(control: &Control, request: &Request, at: Timestamp) -> Result<(), Refusal> {
    if request.lapse(at).or_else(|| request.escalate(at)).is_none() {
        return Ok(());
    }
    let (current, version) = control.existing_request(&request.id).await?;
    let Some(event): Option<Event> = current.lapse(at).or_else(|| current.escalate(at)) else {
        return Ok(());
    };
    let stream = Stream::Request(request.id.clone());
    let guards = vec![Guard::Version {
        stream: stream.clone(),
        version,
    }];
    let proposal = Proposal {
        guards,
        events: vec![Happened { stream, at, event }],
        outbox: Vec::new(),
    };
    match control.sequencer.commit(proposal).await {
        // Whoever decided at the same moment came first; the next round looks again.
        Ok(_) | Err(crate::ledger::SequencerError::Rejected(_)) => Ok(()),
        Err(error) => Err(unavailable(error)),
    }
}
