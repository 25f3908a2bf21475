//! What goes on by itself while the server runs.

use std::sync::Arc;
use std::time::Duration;

use locum_connectors::HttpWitnesses;
use locum_control::Control;
use locum_control::jobs::{DueJobs, LookUps};
use locum_control::strangers::Strangers;
use tokio_util::sync::CancellationToken;

/// How often the jobs look for what is due.
const JOBS: Duration = Duration::from_millis(500);
/// How often strangers' refusals are recorded.
const STRANGERS: Duration = Duration::from_secs(60);

/// What hangs on the clock alone: no case system can hold it up.
pub(super) async fn run_due_jobs(mut due: DueJobs, control: Control, stop: CancellationToken) {
    let mut pace = jobs_pace();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pace.tick() => due.run(&control).await,
        }
    }
}

pub(super) async fn run_look_ups(mut look_ups: LookUps, control: Control, stop: CancellationToken) {
    let mut pace = jobs_pace();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pace.tick() => look_ups.begin(&control).await,
        }
    }
}

fn jobs_pace() -> tokio::time::Interval {
    let mut pace = tokio::time::interval(JOBS);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    pace
}

/// Has the ledger's checkpoints cosigned.
pub(super) async fn witness(control: Control, witnesses: HttpWitnesses, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = control.witness(Arc::new(witnesses)) => {}
    }
}

pub(super) async fn record_strangers(
    control: Control,
    strangers: Arc<Strangers>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return strangers.record(&control).await,
            () = tokio::time::sleep(STRANGERS) => strangers.record(&control).await,
        }
    }
}
