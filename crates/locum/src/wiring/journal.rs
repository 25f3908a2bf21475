//! The recorder between the gateway, who adds records, and the sequencer, who gives them their places.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use locum_control::ports::{Journal, JournalMark, Journaled};
use locum_gateway::{AccessRecorder, RecordNotKept};
use locum_record::{Mark, Recorder};

/// A record that was offered so often in vain has no place to go: the store takes nothing.
const OFFERS: u32 = 3;
/// How long the end of the process waits for records that have no place yet.
const DRAIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// This node's recorder. Its door is closed while the store does not take what the recorder holds: segments are
/// made beforehand and would go on taking records of access on a disk without room, of which no checkpoint tells.
pub(crate) struct RecorderJournal {
    recorder: Arc<Recorder>,
    line: Mutex<Line>,
}

/// What is first in line for the sequencer, and how often it was offered.
#[derive(Default)]
struct Line {
    first: Option<JournalMark>,
    offered: u32,
}

impl RecorderJournal {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self {
            recorder: Arc::new(recorder),
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
                bytes: record.bytes.to_vec(),
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
        AccessRecorder::append(&*self.recorder, record)
    }

    fn append_unawaited(&self, record: Bytes) {
        AccessRecorder::append_unawaited(&*self.recorder, record);
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
        RecorderJournal::new(Recorder::open(folder, None, options).unwrap().0)
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
