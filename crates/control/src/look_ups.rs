//! Look-ups: every case that access hangs on is asked about within its connector's interval, and what the outbox
//! owes is asked again.
//!
//! They run beside everything else and beside one another, because a case system may take as long as it likes to
//! answer. That a case is unreachable is therefore counted from the moment it was to be looked up, by whoever
//! watches the clock, and not by the look-up that hangs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use locum_domain::{CaseRef, Denial, Refusal, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::case_signal::LOOK_UP;
use crate::control::{Control, unavailable};
use crate::ports::OutboxTask;

/// Most look-ups under way at once at one case system.
const AT_ONCE: usize = 16;
/// Most tasks of the outbox under way at once.
const OWED_AT_ONCE: usize = 16;
/// A claimed look-up that nobody completed in this time is claimed again.
const CLAIM: SignedDuration = SignedDuration::from_secs(30);
/// A look-up that failed is tried again after twice as long each time, and at least this often.
const LONGEST_WAIT_SECONDS: i64 = 60;
/// How long sessions outlive a connector that is not configured any more.
const GRACE_WITHOUT_CONNECTOR: SignedDuration = SignedDuration::from_secs(60);

/// A moment by both clocks: wall time can stand still when it is not believed, and the other one sleeps with the
/// machine. What has passed is what either of them says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    at: Timestamp,
    since_start: Instant,
}

impl Moment {
    pub(crate) fn now(control: &Control) -> Self {
        Self {
            at: control.time_to_end(),
            since_start: Instant::now(),
        }
    }

    fn passed_since(self, earlier: Self) -> SignedDuration {
        let awake = self
            .since_start
            .saturating_duration_since(earlier.since_start);
        let awake = SignedDuration::try_from(awake).unwrap_or(SignedDuration::MAX);
        self.at.duration_since(earlier.at).max(awake)
    }
}

/// What is known of one watched case.
#[derive(Debug, Default, Clone, Copy)]
struct Watch {
    asked: Option<Moment>,
    unanswered_since: Option<Moment>,
    is_running: bool,
}

/// The watched cases, shared between those who look up and those who watch the clock.
#[derive(Debug, Default)]
pub(crate) struct Watched(Mutex<BTreeMap<CaseRef, Watch>>);

impl Watched {
    fn cases(&self) -> std::sync::MutexGuard<'_, BTreeMap<CaseRef, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over which cases are watched, and begins those look-ups that are due and have room.
    fn begin(&self, watched: &[CaseRef], control: &Control) -> Vec<CaseRef> {
        let now = Moment::now(control);
        let mut cases = self.cases();
        cases.retain(|case, _| watched.contains(case));
        let mut running: BTreeMap<String, usize> = BTreeMap::new();
        for (case, _) in cases.iter().filter(|(_, watch)| watch.is_running) {
            *running.entry(case.connector().to_owned()).or_default() += 1;
        }
        let mut begun = Vec::new();
        for case in watched {
            let watch = cases.entry(case.clone()).or_default();
            let system = control.ports.cases.get(case.connector());
            let interval = system.map_or(0, |system| i64::from(system.poll_seconds()));
            let interval = SignedDuration::from_secs(interval);
            let is_due = watch.unanswered_since.is_some()
                || watch
                    .asked
                    .is_none_or(|asked| now.passed_since(asked) >= interval);
            if !is_due {
                continue;
            }
            watch.unanswered_since.get_or_insert(now);
            let at_this_system = running.entry(case.connector().to_owned()).or_default();
            if watch.is_running || *at_this_system >= AT_ONCE {
                continue;
            }
            *at_this_system += 1;
            watch.asked = Some(now);
            watch.is_running = true;
            begun.push(case.clone());
        }
        begun
    }

    fn answered(&self, case: &CaseRef, outcome: Result<(), &Refusal>) {
        let mut cases = self.cases();
        let Some(watch) = cases.get_mut(case) else {
            return;
        };
        watch.is_running = false;
        match outcome {
            Ok(()) => watch.unanswered_since = None,
            Err(refusal) if refusal.denial == Denial::CaseUnreachable => {}
            // The case system answered and what followed from it is still to be recorded: asked again at once.
            Err(_) => {
                watch.unanswered_since = None;
                watch.asked = None;
            }
        }
    }

    /// The cases that gave no answer for longer than their connector's grace, with the seconds it was.
    pub(crate) fn unreachable(&self, control: &Control) -> Vec<(CaseRef, i64)> {
        let now = Moment::now(control);
        let cases = self.cases();
        let silent = cases.iter().filter_map(|(case, watch)| {
            let system = control.ports.cases.get(case.connector());
            let grace = system.map_or(GRACE_WITHOUT_CONNECTOR, |system| {
                SignedDuration::from_secs(i64::from(system.grace_seconds()))
            });
            let passed = now.passed_since(watch.unanswered_since?);
            (passed >= grace).then(|| (case.clone(), passed.as_secs()))
        });
        silent.collect()
    }
}

/// Asks the case systems.
#[derive(Debug, Default)]
pub struct LookUps {
    pub(crate) watched: Arc<Watched>,
    polls: JoinSet<()>,
    owed: JoinSet<()>,
}

impl LookUps {
    /// Begins what is due and does not wait for it. Called about once a second.
    pub async fn begin(&mut self, control: &Control) {
        reap(&mut self.polls);
        reap(&mut self.owed);
        let begun = [
            ("outbox", self.begin_owed(control).await),
            ("poll", self.begin_polls(control).await),
        ];
        for (job, outcome) in begun {
            if let Err(refusal) = outcome {
                tracing::warn!(job, %refusal, "a job could not finish");
            }
        }
    }

    /// Waits for everything that was begun.
    pub(crate) async fn finish(&mut self) {
        while let Some(done) = self.owed.join_next().await {
            log_broken(done);
        }
        while let Some(done) = self.polls.join_next().await {
            log_broken(done);
        }
    }

    async fn begin_polls(&mut self, control: &Control) -> Result<(), Refusal> {
        let cases = control.watched_cases(None).await?;
        for case in self.watched.begin(&cases, control) {
            let running = Running {
                case,
                watched: Arc::clone(&self.watched),
            };
            let control = control.clone();
            self.polls.spawn(async move {
                let outcome = control.look_at_case(&running.case, "poll").await;
                if let Err(refusal) = &outcome {
                    tracing::warn!(case = %running.case, %refusal, "a look-up failed");
                }
                let outcome = outcome.as_ref().map(|_| ());
                running.watched.answered(&running.case, outcome);
            });
        }
        Ok(())
    }

    async fn begin_owed(&mut self, control: &Control) -> Result<(), Refusal> {
        let room = OWED_AT_ONCE.saturating_sub(self.owed.len());
        if room == 0 {
            return Ok(());
        }
        let at = control.time_to_end();
        let until = at.saturating_add(CLAIM).unwrap_or(at);
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let tasks = control.ports.store.claim(at, until, room).await;
        for task in tasks.map_err(unavailable)? {
            let control = control.clone();
            self.owed.spawn(async move {
                if let Err(refusal) = control.do_owed(&task).await {
                    // Claimed again when the claim runs out.
                    tracing::warn!(%refusal, "what the outbox owes was done and not crossed out");
                }
            });
        }
        Ok(())
    }
}

/// A look-up that breaks off has given no answer either.
struct Running {
    case: CaseRef,
    watched: Arc<Watched>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(watch) = self.watched.cases().get_mut(&self.case) {
            watch.is_running = false;
        }
    }
}

impl Control {
    async fn do_owed(&self, task: &OutboxTask) -> Result<(), Refusal> {
        let case = task.body.get("case").and_then(|case| case.as_str());
        let case = case.and_then(|case| case.parse::<CaseRef>().ok());
        let is_done = match (task.kind.as_str(), case) {
            (LOOK_UP, Some(case)) => {
                let is_configured = self.ports.cases.contains_key(case.connector());
                // Without its connector nobody can do this work; polling counts the case as unreachable.
                self.look_at_case(&case, "look-up").await.is_ok() || !is_configured
            }
            (kind, _) => {
                tracing::error!(kind, "the outbox holds work that nobody does");
                true
            }
        };
        let store = &self.ports.store;
        let kept = if is_done {
            store.complete(task.id).await
        } else {
            let at = self.time_to_end();
            let due = at.saturating_add(wait_after(task.attempts)).unwrap_or(at);
            store.postpone(task.id, due).await
        };
        kept.map_err(unavailable)
    }
}

/// 2 seconds after the first failure, twice as long after each other one.
fn wait_after(attempts: u32) -> SignedDuration {
    let seconds = 2_i64.checked_pow(attempts).unwrap_or(LONGEST_WAIT_SECONDS);
    SignedDuration::from_secs(seconds.min(LONGEST_WAIT_SECONDS))
}

fn reap(running: &mut JoinSet<()>) {
    while let Some(done) = running.try_join_next() {
        log_broken(done);
    }
}

fn log_broken(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a look-up broke off");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_tried_again_at_least_every_minute() {
        let waits: Vec<i64> = [1, 2, 3, 5, 6, 7, 62, 63, 4_000]
            .map(|attempts| wait_after(attempts).as_secs())
            .to_vec();
        assert_eq!(waits, [2, 4, 8, 32, 60, 60, 60, 60, 60]);
    }
}
