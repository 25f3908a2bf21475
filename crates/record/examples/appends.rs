//! How fast the recorder makes records durable, for `cargo xtask bench ledger`.
//!
//! `appends FOLDER WAITERS MILLISECONDS recorder|bare` keeps that many records waiting at once and prints one JSON line.
//! `bare` is what there is to compare with: one thread that takes whatever waits, hashes it into a Merkle tree, writes it
//! into a file of zeros with one call, syncs once and wakes everybody. It checks nothing, recovers nothing and never
//! begins another file. Behind the recorder, something that hashes likewise and then forgets stands in for the
//! sequencer, so that what is measured is the wait before a request may go on.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use locum_record::{Recorder, RecorderOptions};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};

/// An access record with its salt is about this long.
const RECORD_BYTES: usize = 300;
const PEEKED: usize = 4096;
/// The bare file is written from its begin again when it is full.
const FILE_BYTES: u64 = 16 << 20;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("usage: appends FOLDER WAITERS MILLISECONDS recorder|bare")
    };
    let folder = PathBuf::from(next()?);
    let waiters: usize = next()?.parse()?;
    let length = Duration::from_millis(next()?.parse()?);
    let into = match next()?.as_str() {
        "bare" => Into::Bare(bare(&folder)?),
        _ => {
            let (recorder, _) = Recorder::open(&folder, None, RecorderOptions::default())?;
            let recorder = Arc::new(recorder);
            tokio::spawn(forget(Arc::clone(&recorder)));
            Into::Recorder(recorder)
        }
    };
    let began = Instant::now();
    let tasks: Vec<_> = (0..waiters)
        .map(|_| tokio::spawn(append_until(into.clone(), began + length)))
        .collect();
    let mut microseconds = Vec::new();
    for task in tasks {
        microseconds.extend(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    microseconds.sort_unstable();
    let per_second = microseconds.len() as f64 / seconds;
    let (p50, p99) = (quantile(&microseconds, 50), quantile(&microseconds, 99));
    println!(r#"{{"waiters":{waiters},"per_second":{per_second:.0},"p50":{p50},"p99":{p99}}}"#);
    Ok(())
}

/// A record and whom to wake when it is durable.
type Waiting = (Bytes, oneshot::Sender<()>);

#[derive(Clone)]
enum Into {
    Recorder(Arc<Recorder>),
    Bare(mpsc::UnboundedSender<Waiting>),
}

async fn append_until(into: Into, end: Instant) -> Result<Vec<u64>, Failure> {
    let record = Bytes::from(vec![b'r'; RECORD_BYTES]);
    let mut microseconds = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        match &into {
            Into::Recorder(recorder) => recorder.append(record.clone()).await?,
            Into::Bare(queue) => {
                let (wake, durable) = oneshot::channel();
                queue.send((record.clone(), wake))?;
                durable.await?;
            }
        }
        microseconds.push(u64::try_from(began.elapsed().as_micros())?);
    }
    Ok(microseconds)
}

/// Starts the bare committer.
fn bare(folder: &Path) -> Result<mpsc::UnboundedSender<Waiting>, Failure> {
    std::fs::create_dir_all(folder)?;
    let mut file = File::create(folder.join("bare"))?;
    file.write_all(&vec![0; usize::try_from(FILE_BYTES)?])?;
    file.sync_all()?;
    let (queue, mut waiting) = mpsc::unbounded_channel::<Waiting>();
    std::thread::spawn(move || {
        let (mut tree, mut at) = (Tree::default(), 0);
        let (mut batch, mut bytes) = (Vec::new(), Vec::new());
        while waiting.blocking_recv_many(&mut batch, PEEKED) > 0 {
            bytes.clear();
            for (record, _) in &batch {
                tree.append(record);
                bytes.extend_from_slice(record);
            }
            let length = u64::try_from(bytes.len()).unwrap_or(FILE_BYTES);
            if at + length > FILE_BYTES {
                at = 0;
            }
            let is_durable = file
                .write_all_at(&bytes, at)
                .and_then(|()| file.sync_data());
            if is_durable.is_err() {
                return;
            }
            at += length;
            for (_, wake) in batch.drain(..) {
                // Whoever stopped waiting no longer needs to know.
                let _ = wake.send(());
            }
        }
    });
    Ok(queue)
}

/// Hashes what is durable, as the sequencer does, and forgets it.
async fn forget(recorder: Arc<Recorder>) {
    let mut tree = Tree::default();
    loop {
        recorder.wait().await;
        let taken = recorder.peek(PEEKED);
        for record in &taken {
            tree.append(&record.bytes);
        }
        if let Some(last) = taken.last() {
            recorder.advance(last.mark);
        }
    }
}

/// The right edge of a Merkle tree (RFC 6962 §2.1): a leaf's hash, and one node for each pair.
#[derive(Default)]
struct Tree {
    edge: Vec<[u8; 32]>,
    size: u64,
}

impl Tree {
    fn append(&mut self, record: &[u8]) {
        let mut hash: [u8; 32] = Sha256::new_with_prefix([0])
            .chain_update(record)
            .finalize()
            .into();
        let mut size = self.size;
        while size % 2 == 1 {
            let Some(left) = self.edge.pop() else { break };
            hash = Sha256::new_with_prefix([1])
                .chain_update(left)
                .chain_update(hash)
                .finalize()
                .into();
            size /= 2;
        }
        self.edge.push(hash);
        self.size += 1;
    }
}

/// Of sorted times.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}
