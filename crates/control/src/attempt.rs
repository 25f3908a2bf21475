//! Decide, commit, and decide again when something changed meanwhile. A refusal is recorded before it is
//! answered: there is no silent no.

use locum_domain::{Denial, Event, Happened, Recorded, Refusal, Stream, Timestamp};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::{Proposal, Rejected};

/// How often a decision is taken anew because another one came first.
const MOST_ATTEMPTS: usize = 8;

impl Control {
    /// Runs one verb to its end.
    ///
    /// # Errors
    /// What `decide` refused, by then recorded; `recorder-unavailable` when it cannot be.
    pub(crate) async fn attempt<D>(
        &self,
        caller: &Caller,
        act: &'static str,
        about: &Stream,
        decide: impl Fn(Timestamp) -> D,
    ) -> Result<Vec<Recorded>, Refusal>
    where
        // Not an `AsyncFn`: its futures cannot be shown to be `Send`, and every verb runs on a server.
        D: Future<Output = Result<Proposal, Refusal>>,
    {
        let outcome = self
            .settle(
                || self.now(),
                |at| self.on_version(caller, about, decide(at)),
            )
            .await;
        match outcome {
            Ok(events) => Ok(events),
            Err(refusal) => Err(self.refused(caller, act, about, refusal).await),
        }
    }

    /// The same for a verb that takes access away, which waits for no clock.
    ///
    /// # Errors
    /// As [`Control::attempt`].
    pub(crate) async fn attempt_to_end<D>(
        &self,
        caller: &Caller,
        act: &'static str,
        about: &Stream,
        decide: impl Fn(Timestamp) -> D,
    ) -> Result<Vec<Recorded>, Refusal>
    where
        D: Future<Output = Result<Proposal, Refusal>>,
    {
        let outcome = self
            .settle(
                || Ok(self.time_to_end()),
                |at| self.on_version(caller, about, decide(at)),
            )
            .await;
        match outcome {
            Ok(events) => Ok(events),
            Err(refusal) => Err(self.refused(caller, act, about, refusal).await),
        }
    }

    async fn settle<D>(
        &self,
        time: impl Fn() -> Result<Timestamp, Refusal>,
        decide: impl Fn(Timestamp) -> D,
    ) -> Result<Vec<Recorded>, Refusal>
    where
        D: Future<Output = Result<Proposal, Refusal>>,
    {
        for _ in 0..MOST_ATTEMPTS {
            let proposal = decide(time()?).await?;
            recordable(&proposal)?;
            match self.commit_or_cut(proposal).await {
                Ok(events) => return Ok(events),
                Err(SequencerError::Rejected(Rejected::Changed(_))) => {}
                Err(SequencerError::Rejected(Rejected::TooMany {
                    key, value, most, ..
                })) => {
                    if let Some(refusal) = too_many(key, &value, most) {
                        return Err(refusal);
                    }
                }
                Err(SequencerError::Rejected(Rejected::Seen)) => {
                    return Err(Denial::AlreadyDecided.because("this was delivered before"));
                }
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }

    /// Records a refusal of a known principal and hands it back. Beyond what one principal may put on the record
    /// in a minute it is counted, and answered with `budget-spent`.
    pub async fn refused(
        &self,
        caller: &Caller,
        act: &'static str,
        about: &Stream,
        refusal: Refusal,
    ) -> Refusal {
        let unrecordable = matches!(
            refusal.denial,
            Denial::RecorderUnavailable | Denial::ClockUntrusted
        );
        if unrecordable {
            return refusal;
        }
        let at = self.time_to_end();
        let by = caller.principal.clone();
        if !self.meters.refusals.take(&by, at) {
            let detail = "you are refused so often that your refusals are only counted this minute";
            return Denial::BudgetSpent.because(detail);
        }
        // Nobody writes into the history of what they may not see, or of what does not exist.
        let is_seen = self.sees(caller, about).await.unwrap_or(false);
        let stream = if is_seen {
            about.clone()
        } else {
            Stream::Principal(by.clone())
        };
        let event = Event::Refused {
            by,
            act: act.to_owned(),
            at,
            refusal: refusal.clone(),
        };
        let happened = Happened { stream, at, event };
        let proposal = Proposal {
            events: vec![happened],
            ..Proposal::default()
        };
        match self.sequencer.commit(proposal).await {
            Ok(_) => refusal,
            Err(error) => unavailable(error),
        }
    }
}

/// Whether every event has its one sequence of bytes. What has none is refused here, alone: the sequencer would
/// refuse everybody's in the same batch.
fn recordable(proposal: &Proposal) -> Result<(), Refusal> {
    for happened in &proposal.events {
        locum_record::canonical(&happened.event)
            .map_err(|error| Denial::Malformed.because(error.to_string()))?;
    }
    Ok(())
}

/// What a count that was exceeded means to the person; `None` means that it moved, and the decision is taken
/// anew.
fn too_many(key: &str, value: &str, most: u64) -> Option<Refusal> {
    match key {
        "live-actor" => Some(
            Denial::TooManyOpen
                .because(format!("`{value}` has {} live sessions already", most + 1)),
        ),
        "live-case-subject" => Some(
            Denial::TooManyOpen
                .because("a session for this case and subject is live already".to_owned()),
        ),
        "waits-on" => {
            Some(Denial::TooManyOpen.because(format!("{} changes wait already", most + 1)))
        }
        "authenticator" | "credential" => {
            let detail = "this authenticator is somebody else's already: one human, one key";
            Some(Denial::ConflictOfInterest.because(detail))
        }
        _ => None,
    }
}
