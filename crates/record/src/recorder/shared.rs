//! What appenders, the writer and the sequencer share.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Notify;

use super::disk::segment_path;
use super::frame::framed_bytes;
use super::mark::{Mark, Taken};
use super::options::RecorderOptions;
use super::queue::{Acknowledgement, Batch, Door, Queue, Work};
use super::unavailable::RecorderUnavailable;

/// A segment file that is not deleted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Sound,
    /// Kept for people to look at when its turn to be deleted comes.
    Damaged,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) directory: PathBuf,
    pub(super) options: RecorderOptions,
    queue: Mutex<Queue>,
    wake: Condvar,
    durable: Mutex<VecDeque<Taken>>,
    has_durable: Notify,
    segments: Mutex<BTreeMap<u64, Condition>>,
    /// Bytes queued or durable, and not sequenced.
    unsequenced: AtomicUsize,
}

impl Shared {
    pub(super) fn new(
        directory: &Path,
        options: RecorderOptions,
        durable: VecDeque<Taken>,
        segments: BTreeMap<u64, Condition>,
    ) -> Self {
        let unsequenced = durable.iter().map(|taken| taken.bytes.len()).sum();
        Self {
            directory: directory.to_owned(),
            options,
            queue: Mutex::new(Queue::new()),
            wake: Condvar::new(),
            durable: Mutex::new(durable),
            has_durable: Notify::new(),
            segments: Mutex::new(segments),
            unsequenced: AtomicUsize::new(unsequenced),
        }
    }

    pub(super) fn queue_awaited(
        &self,
        record: Bytes,
    ) -> Result<Arc<Acknowledgement>, RecorderUnavailable> {
        let mut queue = lock(&self.queue);
        self.check_open(&mut queue)?;
        self.push(&mut queue, record, true)
    }

    pub(super) fn queue_unawaited(&self, record: Bytes) -> Result<(), RecorderUnavailable> {
        let mut queue = lock(&self.queue);
        match self.check_open(&mut queue) {
            Ok(()) | Err(RecorderUnavailable::Closed(_)) => {}
            Err(reason) => return Err(reason),
        }
        self.push(&mut queue, record, false).map(|_| ())
    }

    pub(super) fn is_available(&self) -> bool {
        self.unsequenced_bytes() < self.options.unsequenced_bytes_limit
            && self.check_open(&mut lock(&self.queue)).is_ok()
    }

    pub(super) fn unsequenced_bytes(&self) -> usize {
        self.unsequenced.load(Ordering::Relaxed)
    }

    fn push(
        &self,
        queue: &mut Queue,
        record: Bytes,
        is_awaited: bool,
    ) -> Result<Arc<Acknowledgement>, RecorderUnavailable> {
        let bytes = record.len();
        let capacity = self.options.capacity();
        if bytes == 0 {
            return Err(RecorderUnavailable::Empty);
        }
        if framed_bytes(&record) > capacity {
            return Err(RecorderUnavailable::TooLarge(bytes));
        }
        // Every change that adds happens under the queue's lock, so the sum cannot overshoot.
        if self.unsequenced_bytes().saturating_add(bytes) > self.options.unsequenced_bytes_limit {
            return Err(RecorderUnavailable::Behind);
        }
        self.unsequenced.fetch_add(bytes, Ordering::Relaxed);
        let acknowledgement = queue.push(record, is_awaited, capacity);
        self.wake_writer(queue);
        Ok(acknowledgement)
    }

    /// Is the door open? If it is closed, knocks, but not more often than the interval allows.
    fn check_open(&self, queue: &mut Queue) -> Result<(), RecorderUnavailable> {
        if queue.is_stopping {
            return Err(RecorderUnavailable::Stopped);
        }
        match &queue.door {
            Door::Open => Ok(()),
            Door::Stopped => Err(RecorderUnavailable::Stopped),
            Door::Closed(reason) => {
                let closed = RecorderUnavailable::Closed(Arc::clone(reason));
                if queue.tried.elapsed() >= self.options.reopen_interval {
                    queue.is_knocked = true;
                    self.wake_writer(queue);
                }
                Err(closed)
            }
        }
    }

    fn wake_writer(&self, queue: &mut Queue) {
        if std::mem::take(&mut queue.is_writer_asleep) {
            self.wake.notify_one();
        }
    }

    pub(super) fn stop(&self) {
        let mut queue = lock(&self.queue);
        queue.is_stopping = true;
        self.wake_writer(&mut queue);
    }

    /// Sleeps until there is work. Stops only when nothing is left that could be written.
    pub(super) fn next_work(&self) -> Work {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(work) = queue.work() {
                return work;
            }
            queue.is_writer_asleep = true;
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
            queue.is_writer_asleep = false;
        }
    }

    /// The work at hand, for whoever plays the writer's thread.
    #[cfg(test)]
    pub(super) fn work(&self) -> Option<Work> {
        lock(&self.queue).work()
    }

    pub(super) fn open_door(&self) {
        lock(&self.queue).door = Door::Open;
    }

    pub(super) fn close_door(&self, reason: Arc<io::Error>) {
        let mut queue = lock(&self.queue);
        queue.tried = Instant::now();
        let door = Door::Closed(Arc::clone(&reason));
        let gone = queue.close(door, &RecorderUnavailable::Closed(reason));
        self.unsequenced.fetch_sub(gone, Ordering::Relaxed);
    }

    /// The writer is gone: nothing will be written any more.
    pub(super) fn writer_ended(&self) {
        let gone = lock(&self.queue).close(Door::Stopped, &RecorderUnavailable::Stopped);
        self.unsequenced.fetch_sub(gone, Ordering::Relaxed);
    }

    /// A batch failed: refuses those who wait, and puts what nobody waits for first in line.
    pub(super) fn refuse(&self, mut batch: Batch, reason: &RecorderUnavailable) {
        let gone = batch.refuse(reason);
        self.unsequenced.fetch_sub(gone, Ordering::Relaxed);
        if !batch.records.is_empty() {
            lock(&self.queue).batches.push_front(batch);
        }
    }

    pub(super) fn made_durable(&self, taken: impl Iterator<Item = Taken>) {
        lock(&self.durable).extend(taken);
        self.has_durable.notify_one();
    }

    pub(super) fn peek(&self, most: usize) -> Vec<Taken> {
        lock(&self.durable).iter().take(most).cloned().collect()
    }

    pub(super) async fn wait_durable(&self) {
        while lock(&self.durable).is_empty() {
            self.has_durable.notified().await;
        }
    }

    pub(super) fn segment_made(&self, number: u64) {
        lock(&self.segments).insert(number, Condition::Sound);
    }

    pub(super) fn advance(&self, mark: Mark) {
        {
            let mut durable = lock(&self.durable);
            while durable.front().is_some_and(|taken| taken.mark <= mark) {
                if let Some(taken) = durable.pop_front() {
                    self.unsequenced
                        .fetch_sub(taken.bytes.len(), Ordering::Relaxed);
                }
            }
        }
        let mut segments = lock(&self.segments);
        let kept = segments.split_off(&mark.segment);
        let gone = std::mem::replace(&mut *segments, kept);
        for (number, condition) in gone {
            if let Err(_in_the_way) = remove(&self.directory, number, condition) {
                // Costs room only: the next advance tries again.
                segments.insert(number, condition);
            }
        }
    }
}

fn remove(directory: &Path, number: u64, condition: Condition) -> io::Result<()> {
    let path = segment_path(directory, number);
    let removed = match condition {
        Condition::Sound => fs::remove_file(&path),
        Condition::Damaged => fs::rename(&path, path.with_extension("log.damaged")),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// A panic elsewhere leaves these values whole: each is changed by single pushes and pops.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
