//! What happens by itself: expiry, idleness, lapse, escalation, reminders, ends that are still owed, polling,
//! confirmations.
//!
//! Every job is idempotent and reads what is due from the store, so that a restart or a changed clock loses and
//! doubles nothing. What hangs on the clock alone never waits for a case system: the binary runs the two halves
//! beside each other.

use std::sync::Arc;

use locum_domain::session::EndedBecause;
use locum_domain::{Aggregate, Event, Happened, Refusal, Request, SessionId, Stream, Timestamp};

use crate::control::{Control, unavailable};
use crate::end_case::CaseEnd;
use crate::ledger::SequencerError;
pub use crate::look_ups::LookUps;
use crate::look_ups::Watched;
use crate::ports::{Guard, Proposal, Query};

/// Both halves of what happens by itself.
#[derive(Debug)]
pub struct Jobs {
    pub due: DueJobs,
    pub look_ups: LookUps,
}

impl Default for Jobs {
    fn default() -> Self {
        let look_ups = LookUps::default();
        let due = DueJobs {
            watched: Arc::clone(&look_ups.watched),
        };
        Self { due, look_ups }
    }
}

impl Jobs {
    /// Does everything that is due and waits until it is done, one half after the other.
    pub async fn run_once(&mut self, control: &Control) {
        self.due.by_the_clock(control).await;
        self.look_ups.begin(control).await;
        self.look_ups.finish().await;
        logged("unreachable", self.due.end_unreachable(control).await);
        control.confirm_ended().await;
    }
}

/// What waits for nobody outside.
#[derive(Debug)]
pub struct DueJobs {
    watched: Arc<Watched>,
}

impl DueJobs {
    /// Does everything that is due. Called about once a second. One job's failure does not stop the others.
    pub async fn run(&mut self, control: &Control) {
        self.by_the_clock(control).await;
        logged("unreachable", self.end_unreachable(control).await);
        control.confirm_ended().await;
    }

    async fn by_the_clock(&mut self, control: &Control) {
        // First, so that an end that was ordered keeps its own cause.
        control.record_cuts().await;
        logged("take effect", control.take_effect().await);
        logged("expire", expire(control).await);
        let idle = control.ports.data_plane.idle();
        control.end_each(idle, EndedBecause::Idle, None).await;
        logged("held", control.end_held().await);
        logged("still allowed", control.judge_what_is_live().await);
        logged("deadlines", deadlines(control).await);
        logged("reminders", control.remind().await);
    }

    /// Ends the sessions of every case that nobody could look up for longer than its grace.
    async fn end_unreachable(&self, control: &Control) -> Result<(), Refusal> {
        for (case, seconds) in self.watched.unreachable(control) {
            let keys = [("live-case", case.to_string())];
            let is_used = !control
                .live_sessions(&keys)
                .await
                .map_err(unavailable)?
                .is_empty();
            let why = format!("no answer for {seconds} seconds");
            let end = CaseEnd {
                because: EndedBecause::CaseUnreachable,
                is_open: true,
                ..CaseEnd::closed(&case, &why, "poll")
            };
            if is_used && let Err(refusal) = control.end_case(end).await {
                tracing::error!(%case, %refusal, "an unreachable case did not end");
            }
        }
        Ok(())
    }
}

fn logged(job: &'static str, outcome: Result<(), Refusal>) {
    if let Err(refusal) = outcome {
        tracing::warn!(job, %refusal, "a job could not finish");
    }
}

async fn expire(control: &Control) -> Result<(), Refusal> {
    let at = control.time_to_end();
    let mut sessions = control.live_sessions(&[]).await.map_err(unavailable)?;
    sessions.retain(|session| at >= session.end_by);
    let expired: Vec<SessionId> = sessions.into_iter().map(|session| session.id).collect();
    control.end_each(expired, EndedBecause::Expired, None).await;
    Ok(())
}

/// Lapses and escalates requests that nobody answered or used in time.
async fn deadlines(control: &Control) -> Result<(), Refusal> {
    let at = control.time_to_end();
    for state in ["pending", "offered", "approved"] {
        let mut before = None;
        loop {
            let keys = vec![("state".to_owned(), state.to_owned())];
            let query = Query {
                keys,
                before,
                limit: 200,
            };
            let page = control.ports.store.list("request", query).await;
            let page = page.map_err(unavailable)?;
            for found in page.states {
                if let Aggregate::Request(request) = found
                    && let Err(refusal) = deadline(control, &request, at).await
                {
                    tracing::warn!(request = %request.id, %refusal, "a deadline is not kept yet");
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

/// What a deadline does to the request. One that lapses unanswered reaches its escalation person all the same, also
/// when nobody was there to tell them before.
fn fallen_due(request: &Request, at: Timestamp) -> Vec<Event> {
    let told = request.escalate(at).into_iter();
    told.chain(request.lapse(at)).collect()
}

async fn deadline(control: &Control, request: &Request, at: Timestamp) -> Result<(), Refusal> {
    if fallen_due(request, at).is_empty() {
        return Ok(());
    }
    let (current, version) = control.existing_request(&request.id).await?;
    let stream = Stream::Request(request.id.clone());
    let events: Vec<Happened> = fallen_due(&current, at)
        .into_iter()
        .map(|event| Happened {
            stream: stream.clone(),
            at,
            event,
        })
        .collect();
    if events.is_empty() {
        return Ok(());
    }
    let guards = vec![Guard::Version { stream, version }];
    let proposal = Proposal {
        guards,
        events,
        outbox: Vec::new(),
    };
    match control.sequencer.commit(proposal).await {
        // Whoever decided at the same moment came first; the next round looks again.
        Ok(_) | Err(SequencerError::Rejected(_)) => Ok(()),
        Err(error) => Err(unavailable(error)),
    }
}
