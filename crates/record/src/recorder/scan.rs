//! What a segment's bytes still say after whatever happened to them.

use std::ops::Range;

use super::frame;
use super::header::HEADER_BYTES;

/// The frames of one segment, up to the first that is not whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where each record's bytes lie, and thereby where its frame ends.
    pub(super) records: Vec<Range<usize>>,
    /// Just after the last whole frame.
    pub(super) end: usize,
    /// Is there anything but zeros after it?
    pub(super) has_rest: bool,
    /// Frames after the break say that everything before this offset was durable.
    pub(super) said_durable: usize,
}

/// Reads frames from the header on. After a break it goes on looking, only to learn what was
/// durable: a frame found there is never a record, for a record's own bytes could imitate one.
pub(super) fn scan(segment: &[u8], number: u64) -> Scan {
    let mut records = Vec::new();
    let mut end = HEADER_BYTES;
    while let Some(frame) = frame::decode(segment, number, end) {
        let begin = end + frame::FRAME_HEAD_BYTES;
        end = begin + frame.record.len();
        records.push(begin..end);
    }
    let used = used_bytes(segment);
    let said_durable = (end..used)
        .filter_map(|offset| frame::decode(segment, number, offset))
        .filter_map(|frame| usize::try_from(frame.durable).ok())
        .max()
        .unwrap_or(0);
    Scan {
        records,
        end,
        has_rest: used > end,
        said_durable,
    }
}

/// Bytes up to the last that is not zero. A whole page at a time: segments are mostly zeros.
fn used_bytes(segment: &[u8]) -> usize {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut used = segment;
    while let Some((before, page)) = used.split_last_chunk::<4096>() {
        if *page != ZEROS {
            break;
        }
        used = before;
    }
    used.iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1)
}
