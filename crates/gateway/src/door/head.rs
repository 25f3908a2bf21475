//! A request's head, read strictly (RFC 9112 §2.2, §3, §5, §6): where two parsers could disagree about where
//! a request ends or what it asks for, nobody gets to see it.

/// Why a request was not understood. All are 400, except the too large ones, which are 431.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the head is too large")]
    TooLarge,
    #[error("a line ends without CRLF, or a CR stands alone")]
    LineEnd,
    #[error("a control character stands in the head")]
    Control,
    #[error("the request line is not `METHOD target HTTP/1.1`")]
    RequestLine,
    #[error("the target is no path")]
    Target,
    #[error("only HTTP/1.1 and HTTP/1.0 are spoken here")]
    Version,
    #[error("a header line is folded")]
    Folded,
    #[error("a header name is malformed or followed by a space")]
    HeaderName,
    #[error("Host is missing, repeated or malformed")]
    Host,
    #[error("the target names another host than Host")]
    OtherHost,
    #[error("the body's length is given twice")]
    TwoLengths,
    #[error("the body's length is no number")]
    Length,
    #[error("the body's length is given and chunked as well")]
    LengthAndChunked,
    #[error("the transfer encoding is not `chunked`")]
    Encoding,
    #[error("a chunk is malformed")]
    Chunk,
}

/// More header lines than this are too large a head.
const MOST_LINES: usize = 100;

/// How the body after a head is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
}

/// Whether a byte may stand in a method or header name (RFC 9110 §5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Judges a whole head, from the request line to the empty line.
pub(crate) fn judge(head: &[u8]) -> Result<Framing, Malformed> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").ok_or(Malformed::LineEnd));
    let request_line = lines.next().ok_or(Malformed::RequestLine)??;
    let is_1_1 = version(request_line)?;
    let authority = target_authority(request_line)?;
    let mut host: Option<&[u8]> = None;
    let mut length: Option<u64> = None;
    let mut is_chunked = false;
    let mut count = 0;
    for line in lines {
        let line = match line {
            Ok([]) => break,
            Ok(line) => line,
            // After the empty line nothing is left but the end of the text.
            Err(malformed) => return Err(malformed),
        };
        count += 1;
        if count > MOST_LINES {
            return Err(Malformed::TooLarge);
        }
        let (name, value) = field(line)?;
        if name.eq_ignore_ascii_case(b"host") {
            if host.replace(value).is_some() {
                return Err(Malformed::Host);
            }
        } else if name.eq_ignore_ascii_case(b"content-length") {
            if length.replace(number(value)?).is_some() {
                return Err(Malformed::TwoLengths);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if is_chunked || !value.eq_ignore_ascii_case(b"chunked") || !is_1_1 {
                return Err(Malformed::Encoding);
            }
            is_chunked = true;
        }
    }
    let host = host.ok_or(Malformed::Host)?;
    let host_fits = !host.is_empty()
        && host
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte));
    if !host_fits {
        return Err(Malformed::Host);
    }
    if authority.is_some_and(|authority| !authority.eq_ignore_ascii_case(host)) {
        return Err(Malformed::OtherHost);
    }
    match (length, is_chunked) {
        (Some(_), true) => Err(Malformed::LengthAndChunked),
        (Some(length), false) => Ok(Framing::Length(length)),
        (None, true) => Ok(Framing::Chunked),
        (None, false) => Ok(Framing::Length(0)),
    }
}

/// A header or trailer line as name and value.
pub(crate) fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    if line.first().is_some_and(|byte| b" \t".contains(byte)) {
        return Err(Malformed::Folded);
    }
    let colon = line
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(Malformed::HeaderName)?;
    let (name, value) = line.split_at(colon);
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(Malformed::HeaderName);
    }
    let value = value.get(1..).unwrap_or_default();
    if value.contains(&b'\r') {
        return Err(Malformed::LineEnd);
    }
    if value
        .iter()
        .any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f)
    {
        return Err(Malformed::Control);
    }
    Ok((name, value.trim_ascii()))
}

fn version(line: &[u8]) -> Result<bool, Malformed> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target, version) = (parts.next(), parts.next(), parts.next());
    let (Some(method), Some(_), Some(version), None) = (method, target, version, parts.next())
    else {
        return Err(Malformed::RequestLine);
    };
    if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) {
        return Err(Malformed::RequestLine);
    }
    match version {
        b"HTTP/1.1" => Ok(true),
        b"HTTP/1.0" => Ok(false),
        _ => Err(Malformed::Version),
    }
}

/// The authority of an absolute-form target, if the target has one.
fn target_authority(line: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let target = line
        .split(|byte| *byte == b' ')
        .nth(1)
        .ok_or(Malformed::RequestLine)?;
    // Visible ASCII only; a fragment never travels.
    if target.is_empty()
        || !target
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b'#')
    {
        return Err(Malformed::Target);
    }
    if target.starts_with(b"/") {
        return Ok(None);
    }
    let rest = [&b"http://"[..], b"https://"].iter().find_map(|scheme| {
        let (head, rest) = target.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let rest = rest.ok_or(Malformed::Target)?;
    let end = rest
        .iter()
        .position(|byte| b"/?".contains(byte))
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty() || !path.starts_with(b"/") {
        return Err(Malformed::Target);
    }
    Ok(Some(authority))
}

fn number(value: &[u8]) -> Result<u64, Malformed> {
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        let is_list = value.contains(&b',');
        return Err(if is_list {
            Malformed::TwoLengths
        } else {
            Malformed::Length
        });
    }
    Ok(value.iter().fold(0, |sum: u64, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit.saturating_sub(b'0')))
    }))
}
