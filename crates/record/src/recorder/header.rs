//! The beginning of a segment file: which one it is, and where the one before it really ended.

use super::mark::Mark;

/// Bytes before the first frame.
pub(super) const HEADER_BYTES: usize = 64;

const MAGIC: &[u8; 16] = b"locum-segment/1\n";

/// 16 bytes magic, then little-endian: number u64, previous number u64 (0: none), previous end
/// u64, CRC-32 of all that u32; the file's size u64, CRC-32 of all that u32; zeros up to 64 bytes. An older segment
/// has zeros from the size on.
///
/// `previous_end` is what makes a refusal final: frames of the previous segment beyond it were
/// written and never acknowledged, and must not come back as records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// This segment, from 1.
    pub(super) number: u64,
    /// The segment that holds the records before this one's; 0 for none.
    pub(super) previous: u64,
    /// The offset in it just after its last acknowledged record.
    pub(super) previous_end: u64,
    /// The size that this file was made with and never loses; 0 where an older header does not tell.
    pub(super) bytes: u64,
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut written = [
            MAGIC.as_slice(),
            &self.number.to_le_bytes(),
            &self.previous.to_le_bytes(),
            &self.previous_end.to_le_bytes(),
        ]
        .concat();
        written.extend_from_slice(&crc32fast::hash(&written).to_le_bytes());
        written.extend_from_slice(&self.bytes.to_le_bytes());
        written.extend_from_slice(&crc32fast::hash(&written).to_le_bytes());
        let mut bytes = [0; HEADER_BYTES];
        for (place, byte) in bytes.iter_mut().zip(&written) {
            *place = *byte;
        }
        bytes
    }

    /// Where the previous segment ended; its segment is 0 for none.
    pub(super) const fn previous_mark(&self) -> Mark {
        Mark {
            segment: self.previous,
            offset: self.previous_end,
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER_BYTES>()?;
        let (fields, rest) = checked(header, 40)?;
        let (magic, numbers) = fields.split_first_chunk::<16>()?;
        let [number, previous, previous_end] = numbers.as_chunks::<8>().0 else {
            return None;
        };
        let is_older = rest.iter().all(|byte| *byte == 0);
        let size = match is_older {
            true => [0; 8],
            false => *checked(header, 52)?.0.last_chunk()?,
        };
        let header = Self {
            number: u64::from_le_bytes(*number),
            previous: u64::from_le_bytes(*previous),
            previous_end: u64::from_le_bytes(*previous_end),
            bytes: u64::from_le_bytes(size),
        };
        (magic == MAGIC).then_some(header)
    }
}

/// The first bytes, when their checksum stands behind them, and what comes after that.
fn checked(header: &[u8], first: usize) -> Option<(&[u8], &[u8])> {
    let (fields, rest) = header.split_at_checked(first)?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    (crc32fast::hash(fields) == u32::from_le_bytes(*checksum)).then_some((fields, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_written_and_every_flipped_bit_is_found() {
        let header = Header {
            number: 3,
            previous: 2,
            previous_end: 8_191,
            bytes: 16 << 20,
        };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes), Some(header));
        for place in 0..56 {
            for flip in 0..8 {
                let mut bytes = bytes;
                bytes[place] ^= 1 << flip;
                assert_eq!(Header::decode(&bytes), None);
            }
        }
        let mut older = bytes;
        older[44..].fill(0);
        assert_eq!(Header::decode(&older), Some(Header { bytes: 0, ..header }));
        assert_eq!(Header::decode(&bytes[..63]), None);
        assert_eq!(Header::decode(&[0; HEADER_BYTES]), None);
    }
}
