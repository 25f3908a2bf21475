//! What the store's index costs the access records, for `cargo xtask bench ledger`: the recorder with the sequencer and
//! SQLite behind it, as the server wires them, or with one that only forgets.
//!
//! `indexed load FOLDER WAITERS MILLISECONDS on|off` keeps that many records waiting at once. `indexed paced FOLDER
//! PER_SECOND MILLISECONDS` lets so many come, and says how long it took until a signed checkpoint covered each.
//! `indexed start FOLDER RECORDS` leaves so many durable and without a place, and starts as after a crash. One JSON line
//! each.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a driver that ends with its first surprise"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use locum_control::ledger::{Sequencer, Start};
use locum_control::ports::{
    Clock, ClockUntrusted, Journal, JournalMark, Journaled, Proposal, Store as _,
};
use locum_domain::{Happened, Timestamp};
use locum_record::{Mark, Recorder, RecorderOptions};
use locum_store_sqlite::{KEY_BYTES, PayloadKey, SqliteOptions, SqliteStore};
use locum_testkit::house::SeededEntropy;
use locum_testkit::store_suite::sample::{admitted, at, completed, session_started};
use locum_tlog::LedgerKey;
use serde_json::{Value, json};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match arguments[..] {
        ["load", folder, waiters, length, index] => {
            let length = Duration::from_millis(length.parse().unwrap());
            load(
                &under(folder),
                waiters.parse().unwrap(),
                length,
                index == "on",
            )
            .await
        }
        ["paced", folder, rate, length] => {
            let length = Duration::from_millis(length.parse().unwrap());
            paced(&under(folder), rate.parse().unwrap(), length).await
        }
        ["start", folder, records] => start(&under(folder), records.parse().unwrap()).await,
        _ => panic!("usage: indexed load|paced|start FOLDER …"),
    };
    println!("{said}");
}

fn under(folder: &str) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    PathBuf::from(folder)
}

/// The recorder as the server hands it to the sequencer, without the keys that seal it.
struct Behind(Arc<Recorder>);

#[async_trait]
impl Journal for Behind {
    fn peek(&self, most: usize) -> Vec<Journaled> {
        let taken = self.0.peek(most).into_iter();
        taken
            .map(|record| Journaled {
                mark: JournalMark {
                    segment: record.mark.segment,
                    offset: record.mark.offset,
                },
                bytes: record.bytes.to_vec(),
            })
            .collect()
    }

    fn advance(&self, to: JournalMark) {
        self.0.advance(Mark {
            segment: to.segment,
            offset: to.offset,
        });
    }

    async fn wait(&self) {
        self.0.wait().await;
    }

    fn is_available(&self) -> bool {
        self.0.is_available()
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Result<Timestamp, ClockUntrusted> {
        Ok(at(50))
    }

    fn committed(&self, _at: Timestamp) {}
}

fn store(folder: &Path) -> Arc<SqliteStore> {
    let options = SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES]));
    Arc::new(SqliteStore::open(&folder.join("ledger.db"), options).unwrap())
}

async fn sequencer(store: &Arc<SqliteStore>, recorder: &Arc<Recorder>) -> Sequencer {
    let started = Sequencer::start(Start {
        store: Arc::clone(store) as _,
        journal: Arc::new(Behind(Arc::clone(recorder))),
        key: Arc::new(LedgerKey::from_seed("ledger.test", &[7; 32]).unwrap()),
        clock: Arc::new(Noon),
        entropy: Arc::new(SeededEntropy::new(1)),
        listeners: Vec::new(),
    });
    started.await.unwrap()
}

/// A session begins, so that its records belong to something.
async fn begun(folder: &Path, recorder: &Arc<Recorder>) -> Sequencer {
    let sequencer = sequencer(&store(folder), recorder).await;
    let proposal = Proposal {
        guards: Vec::new(),
        events: vec![session_started(1)],
        outbox: Vec::new(),
    };
    sequencer.commit(proposal).await.unwrap();
    sequencer
}

/// Every request leaves an admission and a completion.
fn record(number: u64) -> Bytes {
    let happened: Happened = if number.is_multiple_of(2) {
        admitted(1, number / 2)
    } else {
        completed(1, number / 2)
    };
    Bytes::from(serde_json::to_vec(&happened).unwrap())
}

fn opened(folder: &Path, options: RecorderOptions) -> Arc<Recorder> {
    let (recorder, _) = Recorder::open(&folder.join("recorder"), None, options).unwrap();
    Arc::new(recorder)
}

async fn forget(recorder: Arc<Recorder>) {
    loop {
        recorder.wait().await;
        if let Some(last) = recorder.peek(4_096).last() {
            recorder.advance(last.mark);
        }
    }
}

/// As many as fit, each as soon as an earlier one is durable. Refused for want of room, one waits as a client would.
async fn load(folder: &Path, waiters: usize, length: Duration, is_indexed: bool) -> Value {
    let recorder = opened(folder, RecorderOptions::default());
    let sequencer = if is_indexed {
        Some(begun(folder, &recorder).await)
    } else {
        tokio::spawn(forget(Arc::clone(&recorder)));
        None
    };
    let (number, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..waiters)
        .map(|_| {
            let (recorder, number, refused) = (
                Arc::clone(&recorder),
                Arc::clone(&number),
                Arc::clone(&refused),
            );
            tokio::spawn(async move {
                let mut times = Vec::new();
                while began.elapsed() < length {
                    let next = record(number.fetch_add(1, Ordering::Relaxed));
                    let asked = Instant::now();
                    match recorder.append(next).await {
                        Ok(()) => times.push(micros(asked.elapsed())),
                        Err(_) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let seconds = began.elapsed().as_secs_f64();
    let sequenced = sequencer.map(|it| *it.size().borrow() - 1);
    times.sort_unstable();
    json!({
        "per_second": times.len() as f64 / seconds,
        "p50": quantile(&times, 50),
        "p99": quantile(&times, 99),
        "refused": refused.load(Ordering::Relaxed),
        "indexed_per_second": sequenced.map(|it| it as f64 / seconds),
    })
}

/// Records come as an even stream, a batch every millisecond.
async fn paced(folder: &Path, per_second: u64, length: Duration) -> Value {
    let recorder = opened(folder, RecorderOptions::default());
    let sequencer = begun(folder, &recorder).await;
    let mut size = sequencer.size();
    let first = *size.borrow();
    let durable: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen = Arc::clone(&durable);
    let watching = tokio::spawn(async move {
        let (mut lags, mut done) = (Vec::new(), 0);
        while size.changed().await.is_ok() {
            let now = Instant::now();
            let covered = usize::try_from(*size.borrow_and_update() - first).unwrap();
            let seen = seen.lock().unwrap();
            let upto = covered.min(seen.len());
            lags.extend(seen[done..upto].iter().map(|at| micros(now - *at)));
            done = upto;
        }
        lags
    });
    let began = Instant::now();
    let (mut sent, mut waiting) = (0_u64, tokio::task::JoinSet::new());
    while began.elapsed() < length {
        let due = began.elapsed().as_micros() * u128::from(per_second) / 1_000_000;
        let batch: Vec<_> = (sent..u64::try_from(due).unwrap())
            .map(|number| recorder.append(record(number)))
            .collect();
        sent += batch.len() as u64;
        let durable = Arc::clone(&durable);
        waiting.spawn(async move {
            let mut kept = 0_u64;
            for one in batch {
                if one.await.is_ok() {
                    kept += 1;
                    durable.lock().unwrap().push(Instant::now());
                }
            }
            kept
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut kept = 0;
    while let Some(done) = waiting.join_next().await {
        kept += done.unwrap();
    }
    while *sequencer.size().borrow() < first + kept {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    drop(sequencer);
    let mut lags = watching.await.unwrap();
    lags.sort_unstable();
    json!({
        "offered_per_second": per_second,
        "refused": sent - kept,
        "indexed_per_second": kept as f64 / seconds,
        "lag_p50": quantile(&lags, 50),
        "lag_p99": quantile(&lags, 99),
        "lag_most": lags.last(),
    })
}

/// As after a crash of a node that had sequenced nothing of these.
async fn start(folder: &Path, records: u64) -> Value {
    let roomy = RecorderOptions {
        unsequenced_bytes_limit: 8 << 30,
        ..RecorderOptions::default()
    };
    let recorder = opened(folder, roomy);
    drop(begun(folder, &recorder).await);
    // The sequencer goes with the runtime's next turn.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut waiting = Vec::new();
    for number in 0..records {
        waiting.push(recorder.append(record(number)));
        if waiting.len() == 4_096 {
            for one in waiting.drain(..) {
                one.await.unwrap();
            }
        }
    }
    for one in waiting {
        one.await.unwrap();
    }
    let bytes = recorder.unsequenced_bytes();
    while Arc::strong_count(&recorder) > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(recorder);
    let began = Instant::now();
    let store = store(folder);
    let before = store.size().await.unwrap();
    let mark = store.mark().await.unwrap().map(|mark| Mark {
        segment: mark.segment,
        offset: mark.offset,
    });
    let (recorder, _) = Recorder::open(&folder.join("recorder"), mark, roomy).unwrap();
    let recorder = Arc::new(recorder);
    let recovered = began.elapsed();
    let sequencer = sequencer(&store, &recorder).await;
    let started = began.elapsed();
    let due = before + records;
    let mut size = sequencer.size();
    size.wait_for(|size| *size >= due).await.unwrap();
    json!({
        "records": records,
        "bytes": bytes,
        "recovered_ms": recovered.as_millis(),
        "started_ms": started.as_millis(),
        "indexed_ms": began.elapsed().as_millis(),
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Of sorted times.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}
