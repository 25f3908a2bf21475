//! The raw bytes of a connection, followed request by request: every head is judged before the HTTP layer
//! sees any of it, and bodies are followed exactly so that the next head begins where the last body ends.

use super::Malformed;
use super::chunks::Chunks;
use super::head::{self, Framing};

/// What to do with bytes that came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This many may go on.
    Pass(usize),
    /// They begin a head that is not complete: keep them.
    Keep,
    /// Nothing more may go on.
    Refuse(Malformed),
}

enum At {
    Head,
    Fixed(u64),
    Chunked(Chunks),
}

/// The scanner of one connection.
pub(crate) struct Scan {
    at: At,
    longest_head: usize,
}

impl Scan {
    pub(crate) fn new(longest_head: usize) -> Self {
        Self {
            at: At::Head,
            longest_head,
        }
    }

    /// Whether the next byte belongs to a body.
    pub(crate) fn is_in_body(&self) -> bool {
        !matches!(self.at, At::Head)
    }

    /// Judges the next bytes. A head is passed whole or not at all.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Step {
        match &mut self.at {
            At::Head => match end_of_head(bytes, self.longest_head) {
                Ok(None) => Step::Keep,
                Err(malformed) => Step::Refuse(malformed),
                Ok(Some(end)) => match head::judge(bytes.get(..end).unwrap_or_default()) {
                    Err(malformed) => Step::Refuse(malformed),
                    Ok(framing) => {
                        self.at = match framing {
                            Framing::Length(0) => At::Head,
                            Framing::Length(length) => At::Fixed(length),
                            Framing::Chunked => At::Chunked(Chunks::default()),
                        };
                        Step::Pass(end)
                    }
                },
            },
            At::Fixed(left) => {
                let here = u64::try_from(bytes.len()).unwrap_or(u64::MAX).min(*left);
                *left -= here;
                if *left == 0 {
                    self.at = At::Head;
                }
                Step::Pass(usize::try_from(here).unwrap_or(bytes.len()))
            }
            At::Chunked(chunks) => match chunks.follow(bytes) {
                Err(malformed) => Step::Refuse(malformed),
                Ok(here) => {
                    if chunks.is_over() {
                        self.at = At::Head;
                    }
                    Step::Pass(here)
                }
            },
        }
    }
}

/// Where the head ends, one past its empty line. Line ends are judged on the way, so that a head that a
/// lenient parser would already call complete is refused at once and not waited for.
fn end_of_head(bytes: &[u8], longest: usize) -> Result<Option<usize>, Malformed> {
    let mut line_start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if at >= longest {
            return Err(Malformed::TooLarge);
        }
        match byte {
            b'\n' => {
                if at == line_start || bytes.get(at - 1) != Some(&b'\r') {
                    return Err(Malformed::LineEnd);
                }
                if at - line_start == 1 {
                    if line_start == 0 {
                        return Err(Malformed::RequestLine);
                    }
                    return Ok(Some(at + 1));
                }
                line_start = at + 1;
            }
            // The CR of a CRLF; a lone one is found with the byte after it.
            b'\r' if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => {
                return Err(Malformed::LineEnd);
            }
            b'\r' | b'\t' => {}
            0..0x20 | 0x7f => return Err(Malformed::Control),
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Step {
        Scan::new(4096).step(text.as_bytes())
    }

    #[test]
    fn r17_a_plain_request_passes_whole_and_its_body_is_followed() {
        let text = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n";
        let mut scan = Scan::new(4096);
        let head = text.find("abc").unwrap();
        assert_eq!(scan.step(text.as_bytes()), Step::Pass(head));
        assert!(scan.is_in_body());
        assert_eq!(scan.step(&text.as_bytes()[head..]), Step::Pass(3));
        assert_eq!(scan.step(&text.as_bytes()[head + 3..]), Step::Keep);
    }

    #[test]
    fn r17_a_chunked_body_is_followed_to_its_last_trailer() {
        let text = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut scan = Scan::new(4096);
        assert_eq!(scan.step(text.as_bytes()), Step::Pass(text.len()));
        let body = "5;x=y\r\nhello\r\n0\r\nX-T: 1\r\n\r\n";
        for byte in body.as_bytes() {
            assert!(scan.is_in_body());
            assert_eq!(scan.step(&[*byte]), Step::Pass(1));
        }
        assert!(!scan.is_in_body());
    }

    #[test]
    fn r17_framing_that_two_parsers_could_read_differently_is_refused() {
        let h = "POST / HTTP/1.1\r\nHost: a\r\n";
        for (rest, malformed) in [
            (
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                Malformed::LengthAndChunked,
            ),
            (
                "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
                Malformed::TwoLengths,
            ),
            (
                "Content-Length: 3\r\ncontent-length: 3\r\n\r\n",
                Malformed::TwoLengths,
            ),
            ("Content-Length: 3, 3\r\n\r\n", Malformed::TwoLengths),
            ("Content-Length: +3\r\n\r\n", Malformed::Length),
            ("Content-Length: 0x3\r\n\r\n", Malformed::Length),
            ("Content-Length: \r\n\r\n", Malformed::Length),
            (
                "Transfer-Encoding: gzip, chunked\r\n\r\n",
                Malformed::Encoding,
            ),
            ("Transfer-Encoding: identity\r\n\r\n", Malformed::Encoding),
            ("Transfer-Encoding: xchunked\r\n\r\n", Malformed::Encoding),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                Malformed::Encoding,
            ),
            ("Transfer-Encoding : chunked\r\n\r\n", Malformed::HeaderName),
            ("X: a\r\n b\r\n\r\n", Malformed::Folded),
            (" X: a\r\n\r\n", Malformed::Folded),
            ("X: a\nY: b\r\n\r\n", Malformed::LineEnd),
            ("X: a\rY: b\r\n\r\n", Malformed::LineEnd),
            ("X: a\r\n\n", Malformed::LineEnd),
            ("X: a\0b\r\n\r\n", Malformed::Control),
            ("Host: b\r\n\r\n", Malformed::Host),
            ("X\r\n\r\n", Malformed::HeaderName),
            (": x\r\n\r\n", Malformed::HeaderName),
        ] {
            assert_eq!(
                first(&format!("{h}{rest}")),
                Step::Refuse(malformed),
                "{rest:?}"
            );
        }
    }

    #[test]
    fn r17_a_request_line_has_one_reading() {
        for (line, malformed) in [
            ("GET  / HTTP/1.1", Malformed::RequestLine),
            ("GET / HTTP/1.1 ", Malformed::RequestLine),
            ("GET /", Malformed::RequestLine),
            ("GET / HTTP/2.0", Malformed::Version),
            ("GET / http/1.1", Malformed::Version),
            ("G@T / HTTP/1.1", Malformed::RequestLine),
            ("GET a HTTP/1.1", Malformed::Target),
            ("GET * HTTP/1.1", Malformed::Target),
            ("CONNECT a:80 HTTP/1.1", Malformed::Target),
            ("GET /a#b HTTP/1.1", Malformed::Target),
            ("GET http://b/ HTTP/1.1", Malformed::OtherHost),
            ("GET http://a@b/ HTTP/1.1", Malformed::OtherHost),
            ("GET http:///x HTTP/1.1", Malformed::Target),
            ("GET ftp://a/ HTTP/1.1", Malformed::Target),
        ] {
            let text = format!("{line}\r\nHost: a\r\n\r\n");
            assert_eq!(first(&text), Step::Refuse(malformed), "{line:?}");
        }
        assert!(matches!(
            first("GET http://A/x HTTP/1.1\r\nHost: a\r\n\r\n"),
            Step::Pass(_)
        ));
        assert_eq!(
            first("GET / HTTP/1.1\r\n\r\n"),
            Step::Refuse(Malformed::Host)
        );
        assert_eq!(first("\x16\x03\x01"), Step::Refuse(Malformed::Control));
    }

    #[test]
    fn r17_a_chunk_that_ends_in_a_bare_line_feed_is_refused() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        for body in [
            "5\nhello\r\n",
            "5\r\nhelloX",
            "g\r\n",
            "\r\n",
            "5;a\x01\r\n",
            "fffffffffffffffff\r\n",
        ] {
            let mut scan = Scan::new(4096);
            assert!(matches!(scan.step(head.as_bytes()), Step::Pass(_)));
            assert!(
                matches!(scan.step(body.as_bytes()), Step::Refuse(_)),
                "{body:?}"
            );
        }
    }

    #[test]
    fn r17_an_endless_head_is_refused_when_it_is_too_large() {
        let mut text = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned();
        text.push_str("X: ");
        text.push_str(&"a".repeat(5000));
        assert_eq!(first(&text), Step::Refuse(Malformed::TooLarge));
        let many = format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: a\r\n".repeat(101)
        );
        assert_eq!(first(&many), Step::Refuse(Malformed::TooLarge));
    }
}
