//! Records on their way to the writer, and those who wait for them.
//!
//! Appending must cost next to nothing, since every governed request does it. A record is pushed
//! to a vector under a mutex that nobody holds across a system call; the writer takes the whole
//! vector at once, and is only woken when it sleeps, so that while a sync runs an append is a
//! push and nothing else. Those who wait share one [`Acknowledgement`] a batch: no channel, no
//! allocation for each record, and one call wakes them all.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Notify;

use super::frame::framed_bytes;
use super::unavailable::RecorderUnavailable;

/// What became of one batch.
#[derive(Debug, Default)]
pub(super) struct Acknowledgement {
    outcome: OnceLock<Result<(), RecorderUnavailable>>,
    settled: Notify,
}

impl Acknowledgement {
    pub(super) async fn wait(&self) -> Result<(), RecorderUnavailable> {
        let settled = self.settled.notified();
        tokio::pin!(settled);
        // Listed among the waiters before looking, or the outcome could slip in between.
        settled.as_mut().enable();
        if self.outcome.get().is_none() {
            settled.await;
        }
        match self.outcome.get() {
            Some(outcome) => outcome.clone(),
            None => Err(RecorderUnavailable::Stopped),
        }
    }

    /// The first outcome counts.
    fn settle(&self, outcome: Result<(), RecorderUnavailable>) {
        let _ = self.outcome.set(outcome);
        self.settled.notify_waiters();
    }
}

#[derive(Debug)]
pub(super) struct Queued {
    pub(super) record: Bytes,
    is_awaited: bool,
}

/// What one write and one sync will make durable: never more than fits a fresh segment.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Queued>,
    pub(super) framed_bytes: u64,
    acknowledgement: Arc<Acknowledgement>,
}

impl Batch {
    pub(super) fn acknowledge(self) {
        self.acknowledgement.settle(Ok(()));
    }

    /// Refuses those who wait and keeps what nobody waits for; says how many bytes are gone.
    pub(super) fn refuse(&mut self, reason: &RecorderUnavailable) -> usize {
        let whole: usize = self.records.iter().map(|queued| queued.record.len()).sum();
        let acknowledgement = std::mem::take(&mut self.acknowledgement);
        self.records.retain(|queued| !queued.is_awaited);
        let kept: usize = self.records.iter().map(|queued| queued.record.len()).sum();
        self.framed_bytes = self
            .records
            .iter()
            .map(|queued| framed_bytes(&queued.record))
            .sum();
        acknowledgement.settle(Err(reason.clone()));
        whole - kept
    }
}

/// Nobody waits for ever, not even if the writer's thread panics with a batch in its hands.
impl Drop for Batch {
    fn drop(&mut self) {
        self.acknowledgement
            .settle(Err(RecorderUnavailable::Stopped));
    }
}

/// Can records be written?
#[derive(Debug)]
pub(super) enum Door {
    Open,
    /// No segment could be opened, for this reason.
    Closed(Arc<io::Error>),
    /// The thread is gone.
    Stopped,
}

/// What the writer does next.
pub(super) enum Work {
    Write(Batch),
    OpenDoor,
    Stop,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) batches: VecDeque<Batch>,
    pub(super) door: Door,
    /// Somebody wants a closed door opened.
    pub(super) is_knocked: bool,
    /// When opening was last tried.
    pub(super) tried: Instant,
    pub(super) is_stopping: bool,
    /// While stopping, a closed door is tried once more for what is queued.
    pub(super) is_last_try_spent: bool,
    /// Does the writer sleep, so that a wake-up is worth a system call?
    pub(super) is_writer_asleep: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            batches: VecDeque::new(),
            door: Door::Open,
            is_knocked: false,
            tried: Instant::now(),
            is_stopping: false,
            is_last_try_spent: false,
            is_writer_asleep: false,
        }
    }

    /// Takes out what is to be done now.
    pub(super) fn work(&mut self) -> Option<Work> {
        if matches!(self.door, Door::Open) {
            if let Some(batch) = self.batches.pop_front() {
                return Some(Work::Write(batch));
            }
        } else if std::mem::take(&mut self.is_knocked) {
            return Some(Work::OpenDoor);
        }
        if !self.is_stopping {
            return None;
        }
        let is_spent = std::mem::replace(&mut self.is_last_try_spent, true);
        Some(if is_spent || self.batches.is_empty() {
            Work::Stop
        } else {
            Work::OpenDoor
        })
    }

    /// Adds a record to the batch that will be written next but for what fits no more.
    pub(super) fn push(
        &mut self,
        record: Bytes,
        is_awaited: bool,
        capacity: u64,
    ) -> Arc<Acknowledgement> {
        let bytes = framed_bytes(&record);
        let has_room = |batch: &&mut Batch| batch.framed_bytes.saturating_add(bytes) <= capacity;
        if self.batches.back_mut().filter(has_room).is_none() {
            self.batches.push_back(Batch::default());
        }
        let Some(batch) = self.batches.back_mut() else {
            return Arc::default();
        };
        batch.framed_bytes += bytes;
        batch.records.push(Queued { record, is_awaited });
        Arc::clone(&batch.acknowledgement)
    }

    /// Closes the door: those who wait are refused, what nobody waits for stays. Says how many
    /// bytes are gone.
    pub(super) fn close(&mut self, door: Door, reason: &RecorderUnavailable) -> usize {
        self.door = door;
        let gone = self
            .batches
            .iter_mut()
            .map(|batch| batch.refuse(reason))
            .sum();
        self.batches.retain(|batch| !batch.records.is_empty());
        gone
    }
}
