//! A chunked body (RFC 9112 §7.1), followed to its end so that the next head is found where it is.

use super::Malformed;
use super::head::field;

/// A size line or a trailer section longer than this is refused.
const LONGEST_LINE: usize = 1024;
const LONGEST_TRAILER: usize = 8 * 1024;

/// Where in a chunked body the reader stands.
#[derive(Debug, Default)]
pub(crate) enum Chunks {
    #[default]
    Start,
    Size(Vec<u8>),
    Data(u64),
    /// How many bytes of the CRLF after the data were seen.
    DataEnd(u8),
    Trailer {
        line: Vec<u8>,
        seen: usize,
    },
    Over,
}

impl Chunks {
    /// Follows `bytes`; answers how many of them belong to the body.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if matches!(self, Chunks::Over) {
                break;
            }
            at += self.step(rest)?;
        }
        Ok(at)
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Chunks::Over)
    }

    fn step(&mut self, rest: &[u8]) -> Result<usize, Malformed> {
        let first = rest.first().copied().unwrap_or_default();
        match self {
            Chunks::Start => *self = Chunks::Size(Vec::new()),
            Chunks::Size(line) => {
                line.push(first);
                if line.len() > LONGEST_LINE {
                    return Err(Malformed::Chunk);
                }
                if first == b'\n' {
                    *self = match size(line)? {
                        0 => Chunks::Trailer {
                            line: Vec::new(),
                            seen: 0,
                        },
                        size => Chunks::Data(size),
                    };
                }
                return Ok(1);
            }
            Chunks::Data(left) => {
                let here = u64::try_from(rest.len()).unwrap_or(u64::MAX).min(*left);
                *left -= here;
                if *left == 0 {
                    *self = Chunks::DataEnd(0);
                }
                return Ok(usize::try_from(here).unwrap_or(rest.len()));
            }
            Chunks::DataEnd(seen) => {
                let wanted = if *seen == 0 { b'\r' } else { b'\n' };
                if first != wanted {
                    return Err(Malformed::Chunk);
                }
                *self = if *seen == 0 {
                    Chunks::DataEnd(1)
                } else {
                    Chunks::Size(Vec::new())
                };
                return Ok(1);
            }
            Chunks::Trailer { line, seen } => {
                line.push(first);
                *seen += 1;
                if *seen > LONGEST_TRAILER {
                    return Err(Malformed::Chunk);
                }
                if first == b'\n' {
                    match line.strip_suffix(b"\r\n").ok_or(Malformed::LineEnd)? {
                        [] => *self = Chunks::Over,
                        text => {
                            field(text)?;
                            line.clear();
                        }
                    }
                }
                return Ok(1);
            }
            Chunks::Over => {}
        }
        Ok(0)
    }
}

/// A chunk's size; its extensions must be plain text and mean nothing.
fn size(line: &[u8]) -> Result<u64, Malformed> {
    let line = line.strip_suffix(b"\r\n").ok_or(Malformed::LineEnd)?;
    let end = line
        .iter()
        .position(|byte| *byte == b';')
        .unwrap_or(line.len());
    let (digits, extension) = line.split_at(end);
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Malformed::Chunk);
    }
    if extension
        .iter()
        .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
    {
        return Err(Malformed::Chunk);
    }
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or(Malformed::Chunk)
}
