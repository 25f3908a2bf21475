//! One record in a segment.

/// Bytes before a record.
pub(super) const FRAME_HEAD_BYTES: usize = 12;

/// Little-endian: length of the record u32, CRC-32 u32, durable u32, then the record.
///
/// The checksum covers the place (segment number and offset) too, so that old bytes in a new
/// place are no frame. `durable` is the offset before which everything was durable when this
/// frame was written: it tells a batch that was cut short from records that were acknowledged and
/// are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) durable: u32,
    pub(super) record: &'a [u8],
}

/// Bytes that a record takes in a segment.
pub(super) const fn framed_bytes(record: &[u8]) -> u64 {
    FRAME_HEAD_BYTES as u64 + record.len() as u64
}

/// Appends the frame that will stand at `offset` of segment `number`.
pub(super) fn encode(out: &mut Vec<u8>, number: u64, offset: u64, durable: u32, record: &[u8]) {
    // Records are refused long before they reach 4 GiB.
    let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(number, offset, durable, record).to_le_bytes());
    out.extend_from_slice(&durable.to_le_bytes());
    out.extend_from_slice(record);
}

/// Reads the frame at `offset` of segment `number`; `None` unless it is whole and not empty.
pub(super) fn decode(segment: &[u8], number: u64, offset: usize) -> Option<Frame<'_>> {
    let (head, rest) = segment
        .get(offset..)?
        .split_first_chunk::<FRAME_HEAD_BYTES>()?;
    let [length, stored, durable] = head.as_chunks::<4>().0 else {
        return None;
    };
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length == 0 {
        return None;
    }
    let record = rest.get(..length)?;
    let durable = u32::from_le_bytes(*durable);
    let offset = u64::try_from(offset).ok()?;
    (u32::from_le_bytes(*stored) == checksum(number, offset, durable, record))
        .then_some(Frame { durable, record })
}

fn checksum(number: u64, offset: u64, durable: u32, record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(&offset.to_le_bytes());
    hasher.update(&durable.to_le_bytes());
    hasher.update(record);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_written_and_only_in_its_place() {
        let mut segment = vec![0; 8];
        encode(&mut segment, 5, 8, 8, b"record");
        segment.resize(64, 0);
        let frame = Frame {
            durable: 8,
            record: b"record",
        };
        assert_eq!(decode(&segment, 5, 8), Some(frame));
        assert_eq!(decode(&segment, 6, 8), None, "another segment");
        assert_eq!(decode(&segment[1..], 5, 7), None, "another offset");
        assert_eq!(decode(&segment, 5, 26), None, "zeros");
        assert_eq!(decode(&segment, 5, 1_000), None, "beyond the end");
        assert_eq!(decode(&segment[..25], 5, 8), None, "cut short");
        for place in 8..26 {
            for flip in 0..8 {
                let mut segment = segment.clone();
                segment[place] ^= 1 << flip;
                assert_eq!(decode(&segment, 5, 8), None, "bit {flip} of {place}");
            }
        }
    }
}
