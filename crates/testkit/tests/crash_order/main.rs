//! The recorder's fragile disk under the real sequencer and the real store: whatever fails, and whenever the machine
//! goes, nothing acknowledged is missing, nothing has two places, and no checkpoint is contradicted.
//!
//! A run is one seed: a few lives of a process, in which records come in while decisions are made, the disk fails, the
//! store refuses or loses its answers, and the machine is killed or loses its power. The store is as durable as its own
//! tests say; every life begins with the code that a server begins with. `LOCUM_LONG=1` plays the long form, `LOCUM_SEED`
//! one seed alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod books;
#[path = "../../../record/src/recorder/simulation/chance.rs"]
mod chance;
#[path = "../../../record/src/recorder/simulation/fragile.rs"]
#[allow(dead_code, reason = "the record's own simulation uses the rest")]
mod fragile;
mod life;

/// The recorder's seam, from outside.
mod seam {
    use std::path::{Path, PathBuf};

    pub(super) use locum_record::recorder::{Disk, SegmentFile};

    pub(super) fn segment_path(directory: &Path, number: u64) -> PathBuf {
        directory.join(format!("segment-{number:08}.log"))
    }
}

use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const RUNS: u64 = 200;
const RUNS_LONG: u64 = 10_000;
/// A refused commit waits for a moment before the next one; others go on meanwhile.
const AT_ONCE: usize = 8;

/// Memory, where the machine has some to give.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// Plays seeds side by side; what went wrong, seed by seed, and what happened on the way.
fn play(seeds: Range<u64>, lies: bool) -> (Vec<String>, life::Tally) {
    let next = AtomicU64::new(seeds.start);
    let (faults, told) = (Mutex::new(Vec::new()), Mutex::new(life::Tally::default()));
    let play_on = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= seeds.end {
                return;
            }
            let folder = folder();
            let (outcome, tally) = life::play(seed, folder.path(), lies);
            told.lock().unwrap().add(&tally);
            if let Err(fault) = outcome {
                let fault = format!("LOCUM_SEED={seed}: {fault}");
                faults.lock().unwrap().push(fault);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(play_on);
        }
    });
    (faults.into_inner().unwrap(), told.into_inner().unwrap())
}

#[test]
fn r22_r24_no_crash_loses_or_doubles_what_was_acknowledged_or_contradicts_a_checkpoint() {
    let alone: Option<u64> = std::env::var("LOCUM_SEED")
        .ok()
        .map(|it| it.parse().unwrap());
    let is_long = std::env::var_os("LOCUM_LONG").is_some();
    let seeds = match alone {
        Some(seed) => seed..seed + 1,
        None => 0..if is_long { RUNS_LONG } else { RUNS },
    };
    let (faults, told) = play(seeds, false);
    println!("{told:?}");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_disk_that_says_it_synced_and_did_not_is_noticed() {
    let (faults, _) = play(0..60, true);
    println!("{} of 60 seeds notice it", faults.len());
    assert!(faults.len() > 10, "{faults:#?}");
}
