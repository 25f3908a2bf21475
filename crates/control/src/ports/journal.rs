//! The recorder as the sequencer sees it: records that are durable and have no position yet.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A place in the recorder's segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JournalMark {
    pub segment: u64,
    pub offset: u64,
}

/// One durable record: the bytes of a [`locum_domain::Happened`] as JSON, and the place just after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journaled {
    pub mark: JournalMark,
    pub bytes: Vec<u8>,
}

/// Reads what the recorder made durable. A holder can withhold records, never add acknowledged ones.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Durable records after the last [`Journal::advance`], oldest first, at most `most`.
    fn peek(&self, most: usize) -> Vec<Journaled>;
    /// Everything up to `mark` is sequenced; its segments may go.
    fn advance(&self, mark: JournalMark);
    /// Waits until there is something to peek at.
    async fn wait(&self);
    /// Whether a record could be made durable now.
    fn is_available(&self) -> bool;
}
