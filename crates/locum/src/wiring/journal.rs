//! The recorder as the sequencer's journal.

use std::sync::Arc;

use async_trait::async_trait;
use locum_control::ports::{Journal, JournalMark, Journaled};
use locum_record::{Mark, Recorder};

/// This node's recorder.
pub(crate) struct RecorderJournal(pub(crate) Arc<Recorder>);

pub(crate) fn mark(mark: JournalMark) -> Mark {
    Mark {
        segment: mark.segment,
        offset: mark.offset,
    }
}

#[async_trait]
impl Journal for RecorderJournal {
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
        self.0.advance(mark(to));
    }

    async fn wait(&self) {
        self.0.wait().await;
    }

    fn is_available(&self) -> bool {
        self.0.is_available()
    }
}
