//! How large and how patient the recorder is.

use std::time::Duration;

use super::frame::FRAME_HEAD_BYTES;
use super::header::HEADER_BYTES;
use super::recover::OpenError;

/// Sizes and waits; the defaults suit a node with one disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderOptions {
    /// Bytes in a segment file, all written as zeros beforehand: overwriting leaves the file's
    /// size alone, so a sync needs no journal commit of the file system.
    pub segment_bytes: u64,
    /// Queued and durable bytes that may await the sequencer; beyond it records are refused.
    pub unsequenced_bytes_limit: usize,
    /// The least time between two tries to open a closed door.
    pub reopen_interval: Duration,
}

/// Offsets within a segment are kept in 32 bits.
const LARGEST_SEGMENT: u64 = 1 << 30;

impl Default for RecorderOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 16 << 20,
            unsequenced_bytes_limit: 64 << 20,
            reopen_interval: Duration::from_millis(200),
        }
    }
}

impl RecorderOptions {
    /// Bytes of frames that fit a fresh segment.
    pub(super) const fn capacity(&self) -> u64 {
        self.segment_bytes.saturating_sub(HEADER_BYTES as u64)
    }

    pub(super) const fn check(&self) -> Result<(), OpenError> {
        let has_room = self.capacity() > FRAME_HEAD_BYTES as u64;
        if has_room && self.segment_bytes <= LARGEST_SEGMENT {
            Ok(())
        } else {
            Err(OpenError::SegmentBytes(self.segment_bytes))
        }
    }
}
