//! How fast the recorder makes records durable, for `cargo xtask bench ledger`.
//!
//! `appends FOLDER WAITERS MILLISECONDS` keeps that many records waiting at once and prints one JSON line. A sequencer
//! that only forgets stands in for the real one, so that what is measured is the wait before a request may go on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use locum_record::{Recorder, RecorderOptions};

/// An access record with its salt is about this long.
const RECORD_BYTES: usize = 300;
const PEEKED: usize = 4096;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("usage: appends FOLDER WAITERS MILLISECONDS")
    };
    let folder = PathBuf::from(next()?);
    let waiters: usize = next()?.parse()?;
    let length = Duration::from_millis(next()?.parse()?);

    let (recorder, _) = Recorder::open(&folder, None, RecorderOptions::default())?;
    let recorder = Arc::new(recorder);
    let forgetting = tokio::spawn(forget(Arc::clone(&recorder)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..waiters)
        .map(|_| tokio::spawn(append_until(Arc::clone(&recorder), began + length)))
        .collect();
    let mut microseconds = Vec::new();
    for task in tasks {
        microseconds.extend(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    forgetting.abort();
    microseconds.sort_unstable();
    let per_second = microseconds.len() as f64 / seconds;
    let (p50, p99) = (quantile(&microseconds, 50), quantile(&microseconds, 99));
    println!(r#"{{"waiters":{waiters},"per_second":{per_second:.0},"p50":{p50},"p99":{p99}}}"#);
    Ok(())
}

async fn append_until(recorder: Arc<Recorder>, end: Instant) -> Result<Vec<u64>, Failure> {
    let record = Bytes::from(vec![b'r'; RECORD_BYTES]);
    let mut microseconds = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        recorder.append(record.clone()).await?;
        microseconds.push(u64::try_from(began.elapsed().as_micros())?);
    }
    Ok(microseconds)
}

async fn forget(recorder: Arc<Recorder>) {
    loop {
        recorder.wait().await;
        if let Some(last) = recorder.peek(PEEKED).last() {
            recorder.advance(last.mark);
        }
    }
}

/// Of sorted times.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}
