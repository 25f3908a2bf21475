//! Places in the recorder's segments.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The place just after a record. Marks grow with the records; the store keeps the last one in
/// the commit that sequenced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The segment's number, from 1.
    pub segment: u64,
    /// Bytes from the segment's beginning.
    pub offset: u64,
}

/// A durable record and the mark just after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What to [`advance`](super::Recorder::advance) to once this record is sequenced.
    pub mark: Mark,
    /// The record as it was appended.
    pub bytes: Bytes,
}
