//! A page in a content coding (RFC 9110 §8.4.1), undone piece by piece so that the banner can stand in it. The
//! application was asked for none; some compress all the same.
//!
//! Undone are gzip (RFC 1952) and deflate (RFC 1950, and the bare RFC 1951 that some send under that name):
//! what every server has and nobody needs a library of its own for. Whatever else it is in, the page is refused.
//! At most one piece of [`PIECE`] bytes is in memory, however far the page unfolds.

use bytes::{Buf as _, Bytes};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// How much is unfolded at a time.
const PIECE: usize = 32 * 1024;
/// A page may unfold to this many bytes, or to [`MOST_FOLD`] times what came, whichever is more.
const FREE_BYTES: u64 = 64 * 1024 * 1024;
/// No written text folds further; a page made to fill a browser's memory does.
const MOST_FOLD: u64 = 100;
/// A gzip head with its file name and comment is not longer.
const LONGEST_HEAD: usize = 8 * 1024;

/// How a page came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
}

/// Why a page could not be unfolded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodingError {
    #[error("the page is not in the coding that it says")]
    Malformed,
    #[error("the page breaks off in the middle of its coding")]
    BrokenOff,
    #[error("the page unfolds without measure")]
    Measureless,
}

/// The coding of an answer.
///
/// # Errors
/// When it is in one that is not undone here, or in several.
pub(super) fn coding(headers: &HeaderMap) -> Result<Option<Coding>, CodingError> {
    let mut coding = None;
    for line in headers.get_all(CONTENT_ENCODING) {
        for name in line
            .to_str()
            .map_err(|_| CodingError::Malformed)?
            .split(',')
        {
            let found = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                _ => return Err(CodingError::Malformed),
            };
            if coding.replace(found).is_some() {
                return Err(CodingError::Malformed);
            }
        }
    }
    Ok(coding)
}

enum At {
    /// A gzip head, as far as it came.
    Head(Vec<u8>),
    /// The first byte of something called deflate.
    Sniff,
    Packed(Box<Decompress>),
    /// The check sum and length after a gzip member, as far as they came.
    Tail(Vec<u8>),
    Over,
}

/// A page being unfolded.
pub(super) struct Unfolding {
    at: At,
    coding: Coding,
    /// What came and was not read yet.
    input: Bytes,
    check: Crc,
    bytes_in: u64,
    bytes_out: u64,
}

impl Unfolding {
    pub(super) fn of(coding: Coding) -> Self {
        Self {
            at: match coding {
                Coding::Gzip => At::Head(Vec::new()),
                Coding::Deflate => At::Sniff,
            },
            coding,
            input: Bytes::new(),
            check: Crc::new(),
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    /// Takes what came. [`Self::next`] has answered `None` before.
    pub(super) fn feed(&mut self, bytes: Bytes) {
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.bytes_in = self.bytes_in.saturating_add(count);
        self.input = bytes;
    }

    /// The next piece of the page; `None` when more has to come.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, CodingError> {
        loop {
            match &mut self.at {
                At::Over => {
                    // Another gzip member may follow (RFC 1952 §2.2); anything else no browser reads either.
                    if self.coding == Coding::Gzip && self.input.first() == Some(&0x1f) {
                        self.at = At::Head(Vec::new());
                        continue;
                    }
                    self.input.clear();
                    return Ok(None);
                }
                At::Packed(packed) => {
                    let (piece, is_over) = unfold(packed, &mut self.input)?;
                    if is_over {
                        self.at = match self.coding {
                            Coding::Gzip => At::Tail(Vec::new()),
                            Coding::Deflate => At::Over,
                        };
                    }
                    if piece.is_empty() {
                        if is_over {
                            continue;
                        }
                        return Ok(None);
                    }
                    self.check.update(&piece);
                    self.measure(piece.len())?;
                    return Ok(Some(piece.into()));
                }
                At::Sniff => {
                    let Some(first) = self.input.first() else {
                        return Ok(None);
                    };
                    // A zlib head begins with its method, 8, and a window of at most 7; bare deflate with that
                    // byte would be a stored block that is not the last and whose padding is not zero.
                    let is_zlib = first & 0x0f == 8 && first >> 4 <= 7;
                    self.at = At::Packed(Box::new(Decompress::new(is_zlib)));
                }
                At::Head(head) => {
                    let Some(byte) = self.input.first().copied() else {
                        return Ok(None);
                    };
                    self.input.advance(1);
                    head.push(byte);
                    if is_whole_head(head)? {
                        self.check.reset();
                        self.at = At::Packed(Box::new(Decompress::new(false)));
                    }
                }
                At::Tail(tail) => {
                    let Some(byte) = self.input.first().copied() else {
                        return Ok(None);
                    };
                    self.input.advance(1);
                    tail.push(byte);
                    if let [a, b, c, d, e, f, g, h] = *tail.as_slice() {
                        let is_same = u32::from_le_bytes([a, b, c, d]) == self.check.sum()
                            && u32::from_le_bytes([e, f, g, h]) == self.check.amount();
                        if !is_same {
                            return Err(CodingError::Malformed);
                        }
                        self.at = At::Over;
                    }
                }
            }
        }
    }

    /// The application has sent everything.
    pub(super) fn end(&self) -> Result<(), CodingError> {
        match &self.at {
            At::Over => Ok(()),
            // An empty body is an empty page, whatever it says it is in.
            At::Head(_) | At::Sniff if self.bytes_in == 0 => Ok(()),
            _ => Err(CodingError::BrokenOff),
        }
    }

    fn measure(&mut self, piece: usize) -> Result<(), CodingError> {
        let piece = u64::try_from(piece).unwrap_or(u64::MAX);
        self.bytes_out = self.bytes_out.saturating_add(piece);
        let most = FREE_BYTES.max(self.bytes_in.saturating_mul(MOST_FOLD));
        if self.bytes_out > most {
            return Err(CodingError::Measureless);
        }
        Ok(())
    }
}

/// Unfolds at most one piece, and says whether the packed part ends with it. An empty piece means that more has
/// to come.
fn unfold(packed: &mut Decompress, input: &mut Bytes) -> Result<(Vec<u8>, bool), CodingError> {
    let mut piece = Vec::with_capacity(PIECE);
    let before = packed.total_in();
    let status = packed
        .decompress_vec(input, &mut piece, FlushDecompress::None)
        .map_err(|_| CodingError::Malformed)?;
    let read = packed.total_in().saturating_sub(before);
    input.advance(usize::try_from(read).unwrap_or(usize::MAX).min(input.len()));
    if status != Status::StreamEnd && piece.is_empty() && !input.is_empty() && read == 0 {
        return Err(CodingError::Malformed);
    }
    Ok((piece, status == Status::StreamEnd))
}

/// Whether a gzip head is all there (RFC 1952 §2.3).
fn is_whole_head(head: &[u8]) -> Result<bool, CodingError> {
    let begins_well = [0x1f, 0x8b, 8].iter().zip(head).all(|(a, b)| a == b);
    let flags = head.get(3).copied().unwrap_or(0);
    if !begins_well || flags & 0xe0 != 0 || head.len() > LONGEST_HEAD {
        return Err(CodingError::Malformed);
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let length = head.get(10..12).and_then(|it| it.try_into().ok());
        let Some(length) = length.map(u16::from_le_bytes) else {
            return Ok(false);
        };
        at += 2 + usize::from(length);
    }
    // File name and comment, each ended by a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(rest) = head.get(at..) else {
                return Ok(false);
            };
            let Some(end) = rest.iter().position(|byte| *byte == 0) else {
                return Ok(false);
            };
            at += end + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Ok(head.len() >= at)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn unfolded(coding: Coding, packed: &[u8], by: usize) -> Result<Vec<u8>, CodingError> {
        let mut unfolding = Unfolding::of(coding);
        let mut all = Vec::new();
        for part in packed.chunks(by) {
            unfolding.feed(Bytes::copy_from_slice(part));
            while let Some(piece) = unfolding.next()? {
                assert!(piece.len() <= PIECE);
                all.extend_from_slice(&piece);
            }
        }
        unfolding.end().map(|()| all)
    }

    #[test]
    fn r19_every_usual_coding_is_undone_however_it_is_cut_up() {
        let text: Vec<u8> = (0..20_000_u32)
            .flat_map(|it| it.to_string().into_bytes())
            .collect();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(&text).unwrap();
        let mut named = flate2::GzBuilder::new()
            .filename("page.html")
            .comment("c")
            .extra(vec![0; 300])
            .write(Vec::new(), Compression::none());
        named.write_all(&text).unwrap();
        let two = [gzip(&text[..70]), gzip(&text[70..])].concat();
        for (coding, packed) in [
            (Coding::Gzip, gzip(&text)),
            (Coding::Gzip, named.finish().unwrap()),
            (Coding::Gzip, two),
            (Coding::Deflate, zlib.finish().unwrap()),
            (Coding::Deflate, bare.finish().unwrap()),
        ] {
            for by in [1, 7, 4096, packed.len()] {
                assert!(
                    unfolded(coding, &packed, by).unwrap() == text,
                    "{coding:?} by {by}"
                );
            }
            let broken = &packed[..packed.len() - 1];
            assert_eq!(unfolded(coding, broken, 4096), Err(CodingError::BrokenOff));
        }
    }

    #[test]
    fn r19_what_is_there_already_is_shown_before_the_rest_comes() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(b"<p>first").unwrap();
        packed.flush().unwrap();
        let mut unfolding = Unfolding::of(Coding::Gzip);
        unfolding.feed(packed.get_ref().clone().into());
        assert_eq!(unfolding.next().unwrap().unwrap(), "<p>first");
        assert_eq!(unfolding.next(), Ok(None));
        assert_eq!(unfolding.end(), Err(CodingError::BrokenOff));
    }

    #[test]
    fn r19_what_is_not_in_its_coding_is_refused() {
        let mut wrong_sum = gzip(b"a page");
        let last = wrong_sum.len() - 8;
        wrong_sum[last] ^= 1;
        for packed in [b"not really".to_vec(), vec![0x1f, 0x8b, 9], wrong_sum] {
            assert_eq!(
                unfolded(Coding::Gzip, &packed, 3),
                Err(CodingError::Malformed)
            );
        }
        assert_eq!(unfolded(Coding::Gzip, b"", 1), Ok(Vec::new()));
    }

    #[test]
    fn r19_a_page_that_unfolds_without_measure_breaks_off() {
        let bomb = gzip(&vec![b' '; 80 * 1024 * 1024]);
        assert!(bomb.len() < 100_000);
        assert_eq!(
            unfolded(Coding::Gzip, &bomb, 4096),
            Err(CodingError::Measureless)
        );
    }

    #[test]
    fn r19_a_coding_that_is_not_undone_is_told_apart() {
        for (line, expected) in [
            ("gzip", Ok(Some(Coding::Gzip))),
            ("X-GZip", Ok(Some(Coding::Gzip))),
            ("deflate", Ok(Some(Coding::Deflate))),
            ("identity", Ok(None)),
            ("identity, gzip", Ok(Some(Coding::Gzip))),
            ("br", Err(CodingError::Malformed)),
            ("zstd", Err(CodingError::Malformed)),
            ("gzip, gzip", Err(CodingError::Malformed)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, line.parse().unwrap());
            assert_eq!(coding(&headers), expected, "{line}");
        }
    }
}
