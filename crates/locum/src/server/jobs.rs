//! What goes on by itself while the server runs.

use std::sync::Arc;
use std::time::Duration;

use locum_connectors::HttpWitnesses;
use locum_control::Control;
use locum_control::jobs::{DueJobs, LookUps};
use locum_control::stop::holds;
use locum_control::strangers::Strangers;
use tokio_util::sync::CancellationToken;

use crate::wiring::{Remembered, Standing, StandingFile};

/// How often the jobs look for what is due.
const JOBS: Duration = Duration::from_millis(500);
/// How often strangers' refusals are recorded.
const STRANGERS: Duration = Duration::from_secs(60);
/// How often the newest checkpoint is remembered beside the store.
const REMEMBERED: Duration = Duration::from_secs(1);

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

/// Remembers outside the store, now and then and at the end, the newest checkpoint and the stops that stand.
pub(super) async fn remember(
    remembered: Remembered,
    standing: StandingFile,
    control: Control,
    stop: CancellationToken,
) {
    let mut size = control.sequencer().size();
    loop {
        size.mark_unchanged();
        match control.store().checkpoint().await {
            Ok(Some(note)) => {
                // It waits for the disk.
                let remembered = remembered.clone();
                let kept = tokio::task::spawn_blocking(move || remembered.keep(&note)).await;
                if let Err(error) = kept.unwrap_or_else(|lost| Err(std::io::Error::other(lost))) {
                    tracing::warn!(%error, "the newest checkpoint is not remembered beside the store");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no checkpoint to remember"),
        }
        match holds(&control).await {
            Ok(holds) => {
                let standing = standing.clone();
                let kept = tokio::task::spawn_blocking(move || standing.keep(&Standing::of(holds)));
                if let Err(error) = kept
                    .await
                    .unwrap_or_else(|lost| Err(std::io::Error::other(lost)))
                {
                    tracing::warn!(%error, "the stops that stand are not remembered beside the store");
                }
            }
            Err(refusal) => tracing::warn!(%refusal, "which stops stand cannot be remembered"),
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(REMEMBERED) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    changed = size.changed() => if changed.is_err() { return },
                }
            }
        }
    }
}
