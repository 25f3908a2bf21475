//! A disk with faults, and records to write to it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness, shared by several test binaries"
)]

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use bytes::Bytes;
use locum_record::recorder::{Disk, LocalDisk, SegmentFile};
use locum_record::{Mark, Recorder, RecorderOptions, Recovered};

/// Small segments, so that tests reach their end; closed doors may be tried at once.
pub fn options() -> RecorderOptions {
    RecorderOptions {
        segment_bytes: 4_096,
        unsequenced_bytes_limit: 1 << 20,
        reopen_interval: Duration::ZERO,
    }
}

pub fn open(directory: &Path, after: Option<Mark>) -> (Recorder, Recovered) {
    Recorder::open(directory, after, options()).unwrap()
}

pub fn record(text: impl Into<String>) -> Bytes {
    Bytes::from(text.into())
}

/// Everything to be sequenced, as text.
pub fn texts(recorder: &Recorder) -> Vec<String> {
    recorder
        .peek(usize::MAX)
        .into_iter()
        .map(|taken| String::from_utf8(taken.bytes.to_vec()).unwrap())
        .collect()
}

/// How many segment files there are.
pub fn segments(directory: &Path) -> usize {
    std::fs::read_dir(directory)
        .unwrap()
        .filter(|file| {
            let path = file.as_ref().unwrap().path();
            path.extension().is_some_and(|extension| extension == "log")
        })
        .count()
}

/// The path of a segment.
pub fn segment(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("segment-{number:08}.log"))
}

/// Waits for a future on this thread.
pub fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// What shall go wrong, in order; nothing once it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Works,
    Fails,
}

#[derive(Default)]
struct Plan {
    creates: VecDeque<Step>,
    writes: VecDeque<Step>,
    syncs: VecDeque<Step>,
    /// While set, nothing can be created: the disk is full.
    is_full: bool,
    /// Syncs wait for this lock.
    gate: Arc<Mutex<()>>,
}

/// The local disk, but for what the plan says.
#[derive(Clone, Default)]
pub struct Faulty {
    plan: Arc<Mutex<Plan>>,
    pub created: Arc<AtomicUsize>,
    pub written: Arc<AtomicUsize>,
    pub synced: Arc<AtomicUsize>,
    /// Calls to a file after one of its calls failed.
    pub retried: Arc<AtomicUsize>,
}

impl Faulty {
    pub fn creates(self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.plan.lock().unwrap().creates = steps.into_iter().collect();
        self
    }

    pub fn writes(self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.plan.lock().unwrap().writes = steps.into_iter().collect();
        self
    }

    pub fn syncs(self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.plan.lock().unwrap().syncs = steps.into_iter().collect();
        self
    }

    pub fn set_full(&self, is_full: bool) {
        self.plan.lock().unwrap().is_full = is_full;
    }

    /// While the answer is locked, syncs wait.
    pub fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.plan.lock().unwrap().gate)
    }

    /// Waits until this many writes were made.
    pub fn await_writes(&self, writes: usize) {
        while self.written.load(Ordering::SeqCst) < writes {
            std::thread::yield_now();
        }
    }

    pub fn retried(&self) -> usize {
        self.retried.load(Ordering::SeqCst)
    }
}

fn failure() -> io::Error {
    io::Error::other("the disk said no")
}

impl Disk for Faulty {
    fn create(
        &mut self,
        directory: &Path,
        number: u64,
        header: &[u8],
        bytes: u64,
    ) -> io::Result<Box<dyn SegmentFile>> {
        {
            let mut plan = self.plan.lock().unwrap();
            if plan.is_full {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            if plan.creates.pop_front() == Some(Step::Fails) {
                return Err(failure());
            }
        }
        self.created.fetch_add(1, Ordering::SeqCst);
        let file = LocalDisk::default().create(directory, number, header, bytes)?;
        Ok(Box::new(FaultyFile {
            file,
            disk: self.clone(),
            has_failed: false,
        }))
    }
}

struct FaultyFile {
    file: Box<dyn SegmentFile>,
    disk: Faulty,
    has_failed: bool,
}

impl FaultyFile {
    fn step(&mut self, step: Option<Step>) -> io::Result<()> {
        if self.has_failed {
            self.disk.retried.fetch_add(1, Ordering::SeqCst);
        }
        if step == Some(Step::Fails) {
            self.has_failed = true;
            return Err(failure());
        }
        Ok(())
    }
}

impl SegmentFile for FaultyFile {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let step = self.disk.plan.lock().unwrap().writes.pop_front();
        if step == Some(Step::Fails) {
            // Half of it arrives, as when the disk fills up.
            self.file.write(&bytes[..bytes.len() / 2], offset)?;
        }
        self.step(step)?;
        self.file.write(bytes, offset)?;
        self.disk.written.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let gate = self.disk.gate();
        let _open = gate.lock().unwrap();
        let step = self.disk.plan.lock().unwrap().syncs.pop_front();
        self.step(step)?;
        self.disk.synced.fetch_add(1, Ordering::SeqCst);
        self.file.sync()
    }
}
