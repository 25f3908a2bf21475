//! A process that commits is killed at some moment, again and again: what it had acknowledged is there, whole.
//!
//! Eight times by default, a hundred with `LOCUM_LONG=1`; `LOCUM_SEED` chooses the moments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use locum_control::ports::{Commit, JournalMark, Proposal, Store};
use locum_domain::{Event, RecordId};
use locum_store_sqlite::{KEY_BYTES, OpenError, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::TestSealer;
use locum_testkit::store_suite::sample::{
    admitted, at, bytes, review_completed, review_opened, work,
};

/// Where the child finds its database.
const DATABASE: &str = "LOCUM_TEST_DATABASE";
/// Events in each of the child's batches.
const BATCH: u64 = 3;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(
        path,
        SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
    )
    .unwrap()
}

/// Batch `number`: an access record, its mark, a decision and work that is owed for it.
fn batch(number: u64) -> Commit {
    Commit {
        journaled: vec![admitted(1, number)],
        mark: Some(JournalMark {
            segment: 1,
            offset: number,
        }),
        proposals: vec![Proposal {
            guards: Vec::new(),
            events: vec![
                review_opened(number, "bea"),
                review_completed(number, "bea"),
            ],
            outbox: vec![work("look-up-case", 0)],
        }],
    }
}

/// The half of the kill test that is killed; without a database to write to it has nothing to do.
#[test]
fn a_child_commits_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(open(&PathBuf::from(path)));
        // Beyond every number that an earlier child used: there are more events than batches.
        let first = store.size().await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|task| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    for number in (first + task..).step_by(4) {
                        let sealer = TestSealer::new().boxed();
                        let committed = store.commit(batch(number), sealer).await.unwrap();
                        // On a line of its own, whatever the test runner printed before.
                        writeln!(std::io::stdout(), "\nacknowledged {}", committed.size).unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

fn child(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("a_child_commits_until_it_is_killed")
        .env(DATABASE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// SplitMix64: moments that a seed reproduces as far as a scheduler lets it.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        Duration::from_micros(mixed % 120_000)
    }
}

/// Lets a child commit, kills it `later` after its first acknowledgement, and answers its last one.
fn kill_one(path: &Path, later: Duration) -> u64 {
    let mut child = child(path);
    let output = BufReader::new(child.stdout.take().unwrap());
    let (first, began) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut last = 0;
        for line in output.lines().map_while(Result::ok) {
            if let Some(size) = line.strip_prefix("acknowledged ") {
                last = last.max(size.parse::<u64>().unwrap());
                let _ = first.send(());
            }
        }
        last
    });
    let has_begun = began.recv_timeout(Duration::from_secs(60)).is_ok();
    let refused = SqliteStore::open(
        path,
        SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES])),
    );
    std::thread::sleep(later);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(has_begun, "the child acknowledged nothing");
    match refused {
        Err(error @ OpenError::InUse { .. }) => {
            let text = error.to_string();
            assert!(text.contains("locum.db.lock"), "{text}");
        }
        other => panic!("two processes had the same database: {other:?}"),
    }
    reader.join().unwrap()
}

/// Everything acknowledged is there, and every batch as a whole.
async fn assert_whole(path: &Path, acknowledged: u64) -> u64 {
    let store = open(path);
    let size = store.size().await.unwrap();
    assert!(
        size >= acknowledged,
        "{acknowledged} were acknowledged, {size} are there"
    );
    assert_eq!(size % BATCH, 0, "a batch is there in part");
    let rows = store.rows(0, u32::MAX).await.unwrap();
    assert!((0..size).eq(rows.iter().map(|it| it.position)), "a gap");
    assert_eq!(
        store.checkpoint().await.unwrap(),
        Some(TestSealer::checkpoint(size))
    );
    let last = &rows[rows.len() - 3];
    let mark = store.mark().await.unwrap().unwrap();
    match serde_json::from_slice(&last.payload().event().unwrap()).unwrap() {
        Event::AccessAdmitted(it) => {
            assert_eq!(it.record, RecordId::from_bytes(bytes(mark.offset)));
        }
        other => panic!("the batch begins with {other:?}"),
    }
    let owed = store.claim(at(1), at(1), u32::MAX).await.unwrap();
    assert_eq!(owed.len() as u64, size / BATCH, "work was lost or invented");
    assert_eq!(store.differences().await.unwrap(), Vec::<String>::new());
    size
}

#[tokio::test]
async fn r22_what_was_acknowledged_survives_every_kill() {
    let kills = if std::env::var_os("LOCUM_LONG").is_some() {
        100
    } else {
        8
    };
    let seed = std::env::var("LOCUM_SEED").map_or(1, |it| it.parse().unwrap());
    let mut moments = Moments(seed);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locum.db");
    let mut before = 0;
    for kill in 1..=kills {
        let later = moments.next();
        let acknowledged = kill_one(&path, later);
        println!("seed {seed}, kill {kill} after {later:?}: {acknowledged} acknowledged");
        let size = assert_whole(&path, acknowledged).await;
        assert!(size > before);
        before = size;
    }
}
