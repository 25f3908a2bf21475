//! Why a record is not known to be durable.

use std::io;
use std::sync::Arc;

/// The record is not known to be durable: no record, no access.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecorderUnavailable {
    /// Writing or syncing the record's segment failed.
    #[error("the record could not be made durable")]
    Failed(#[source] Arc<io::Error>),
    /// No segment can be opened.
    #[error("the recorder's door is closed")]
    Closed(#[source] Arc<io::Error>),
    /// Too much awaits the sequencer.
    #[error("too many records await sequencing")]
    Behind,
    /// Larger than a segment.
    #[error("a record of {0} bytes does not fit a segment")]
    TooLarge(usize),
    /// An empty record says nothing, and looks like the zeros of an unused segment.
    #[error("the record is empty")]
    Empty,
    /// The recorder is shutting down, or its thread is gone.
    #[error("the recorder has stopped")]
    Stopped,
}
