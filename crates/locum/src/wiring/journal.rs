//! The recorder between the gateway, who adds records, and the sequencer, who gives them their places.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use locum_control::ledger::CommitListener;
use locum_control::ports::{Journal, JournalMark, Journaled};
use locum_domain::{Event, Recorded};
use locum_gateway::{AccessRecorder, RecordNotKept};
use locum_record::{Mark, Recorder};

use super::record_keys::RecordKeys;

/// A record that was offered so often in vain has no place to go: the store takes nothing.
const OFFERS: u32 = 3;
/// How long the end of the process waits for records that have no place yet.
const DRAIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// This node's recorder. Its door is closed while the store does not take what the recorder holds: segments are
/// made beforehand and would go on taking records of access on a disk without room, of which no checkpoint tells.
pub(crate) struct RecorderJournal {
    recorder: Arc<Recorder>,
    keys: RecordKeys,
    line: Mutex<Line>,
}

/// What is first in line for the sequencer, and how often it was offered.
#[derive(Default)]
struct Line {
    first: Option<JournalMark>,
    offered: u32,
}

impl RecorderJournal {
    pub(crate) fn new(recorder: Recorder, keys: RecordKeys) -> Self {
        Self {
            recorder: Arc::new(recorder),
            keys,
            line: Mutex::default(),
        }
    }

    /// Waits until every record has its place, but not for ever: what is durable is found at the next start.
    pub(crate) async fn drained(&self) {
        let is_drained = async {
            while self.recorder.unsequenced_bytes() > 0 {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if tokio::time::timeout(DRAIN, is_drained).await.is_err() {
            tracing::warn!("records are left in the recorder; the next start takes them up");
        }
    }

    /// At a start, what was durable before has its place: the keys that sealed it and seal nothing more go.
    pub(crate) fn taken_up(&self) {
        if self.recorder.peek(1).is_empty() {
            self.retire_keys(None);
        }
    }

    /// Destroys the keys that seal nothing more, when the store has taken everything that they sealed. Answers whether
    /// it had.
    fn retire_keys(&self, until: Option<Mark>) -> bool {
        let first = self.recorder.peek(1).into_iter().next();
        let is_taken = first.is_none_or(|first| until.is_none_or(|until| first.mark > until));
        if is_taken && let Err(error) = self.keys.retire() {
            tracing::error!(%error, "a key of old access records could not be destroyed");
        }
        is_taken
    }

    fn is_stuck(&self) -> bool {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.offered > OFFERS
    }

    fn offer(&self, first: Option<JournalMark>) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() || line.first != first {
            *line = Line { first, offered: 0 };
        }
        line.offered = line.offered.saturating_add(1);
    }
}

pub(crate) fn mark(mark: JournalMark) -> Mark {
    Mark {
        segment: mark.segment,
        offset: mark.offset,
    }
}

#[async_trait]
impl Journal for RecorderJournal {
    fn peek(&self, most: usize) -> Vec<Journaled> {
        let taken = self.recorder.peek(most).into_iter();
        let records: Vec<Journaled> = taken
            .map(|record| Journaled {
                mark: JournalMark {
                    segment: record.mark.segment,
                    offset: record.mark.offset,
                },
                // What nobody here sealed is nothing: the sequencer counts it.
                bytes: self.keys.open_record(&record.bytes).unwrap_or_default(),
            })
            .collect();
        self.offer(records.first().map(|record| record.mark));
        records
    }

    fn advance(&self, to: JournalMark) {
        self.recorder.advance(mark(to));
        self.offer(None);
    }

    async fn wait(&self) {
        self.recorder.wait().await;
    }

    fn is_available(&self) -> bool {
        self.recorder.is_available() && !self.is_stuck()
    }
}

impl AccessRecorder for RecorderJournal {
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>> {
        if self.is_stuck() {
            return std::future::ready(Err(RecordNotKept)).boxed();
        }
        match self.keys.seal(&record) {
            Some(sealed) => AccessRecorder::append(&*self.recorder, sealed),
            None => std::future::ready(Err(RecordNotKept)).boxed(),
        }
    }

    fn append_unawaited(&self, record: Bytes) {
        match self.keys.seal(&record) {
            Some(sealed) => AccessRecorder::append_unawaited(&*self.recorder, sealed),
            None => tracing::error!("an access record could not be sealed, and is lost"),
        }
    }
}

/// After an erasure another key seals access records, and the old one goes with what it sealed.
pub(crate) struct RetireRecordKeys(pub(crate) Arc<RecorderJournal>);

impl CommitListener for RetireRecordKeys {
    fn committed(&self, events: &[Recorded]) {
        let is_erasure = |it: &Recorded| matches!(it.event, Event::ErasureConfirmed { .. });
        if !events.iter().any(is_erasure) {
            return;
        }
        if let Err(error) = self.0.keys.rotate() {
            tracing::error!(%error, "access records go on under the key that an erasure should have ended");
            return;
        }
        let journal = Arc::clone(&self.0);
        tokio::spawn(async move {
            // What was being sealed when the key gave way is in line by then.
            tokio::time::sleep(DRAIN).await;
            let until = journal.recorder.peek(usize::MAX).last().map(|it| it.mark);
            while !journal.retire_keys(until) {
                tokio::time::sleep(DRAIN).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use locum_record::RecorderOptions;

    fn journal(folder: &std::path::Path) -> RecorderJournal {
        let options = RecorderOptions {
            segment_bytes: 64 << 10,
            ..RecorderOptions::default()
        };
        let recorder = Recorder::open(&folder.join("records"), None, options);
        let keys = RecordKeys::open(folder, &ring::rand::SystemRandom::new());
        RecorderJournal::new(recorder.unwrap().0, keys.unwrap())
    }

    #[tokio::test]
    async fn r22_the_door_is_closed_while_the_store_takes_nothing_and_opens_when_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(folder.path());
        for _ in 0..10 {
            assert!(journal.peek(10).is_empty());
        }
        assert!(journal.is_available(), "nothing to offer is no failure");
        AccessRecorder::append(&journal, Bytes::from_static(b"record"))
            .await
            .unwrap();
        let mut held = Vec::new();
        for _ in 0..=OFFERS {
            assert!(journal.is_available());
            held = journal.peek(10);
        }
        assert!(!journal.is_available());
        let refused = AccessRecorder::append(&journal, Bytes::from_static(b"another")).await;
        assert_eq!(refused, Err(RecordNotKept));
        assert_eq!(journal.peek(10), held, "what was refused is not in line");
        journal.advance(held[0].mark);
        assert!(journal.is_available());
        AccessRecorder::append(&journal, Bytes::from_static(b"another"))
            .await
            .unwrap();
    }
}
