//! The path, read in the one way that every application reads it. Where readings could differ, it is refused:
//! what is matched is what is forwarded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Why a path has more than one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("the path has a dot segment")]
    Dot,
    #[error("the path has an encoded slash")]
    Slash,
    #[error("the path has a backslash")]
    Backslash,
    #[error("the path has a control character")]
    Control,
    #[error("the path has an empty segment")]
    Empty,
    #[error("the path has a percent sign that encodes nothing, or encodes twice")]
    Percent,
    #[error("the path is not UTF-8")]
    Utf8,
}

/// The decoded segments of a path as it was sent.
pub(crate) fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, PathError> {
    let rest = path.strip_prefix('/').ok_or(PathError::Empty)?;
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let mut segments = Vec::with_capacity(8);
    let mut parts = rest.split('/').peekable();
    while let Some(part) = parts.next() {
        // One at the end is a directory's slash; anywhere else some would merge it and others would not.
        if part.is_empty() && parts.peek().is_some() {
            return Err(PathError::Empty);
        }
        segments.push(segment(part)?);
    }
    Ok(segments)
}

fn segment(part: &str) -> Result<Cow<'_, str>, PathError> {
    let decoded = if part.contains('%') {
        check_percent(part)?;
        percent_decode_str(part)
            .decode_utf8()
            .map_err(|_| PathError::Utf8)?
    } else {
        Cow::Borrowed(part)
    };
    if decoded.contains('/') {
        return Err(PathError::Slash);
    }
    if decoded.contains('\\') {
        return Err(PathError::Backslash);
    }
    if decoded.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    // An application that decodes twice would see a dot, slash, backslash, NUL or semicolon here.
    let twice = decoded.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c", "%00", "%3b", "%25"]
        .iter()
        .any(|code| twice.contains(code))
    {
        return Err(PathError::Percent);
    }
    let name = without_parameters(&decoded);
    if matches!(name.trim(), "." | "..") {
        return Err(PathError::Dot);
    }
    Ok(decoded)
}

/// A segment as those applications read it that take `;` for the begin of parameters.
pub(crate) fn without_parameters(segment: &str) -> &str {
    segment.split_once(';').map_or(segment, |(name, _)| name)
}

fn check_percent(part: &str) -> Result<(), PathError> {
    let bytes = part.as_bytes();
    let is_encoded = |at: usize| {
        [at + 1, at + 2]
            .iter()
            .all(|at| bytes.get(*at).is_some_and(u8::is_ascii_hexdigit))
    };
    let mut percents = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .map(|(at, _)| at);
    if percents.all(is_encoded) {
        Ok(())
    } else {
        Err(PathError::Percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r17_a_path_with_two_readings_is_refused() {
        for (path, error) in [
            ("/a/../b", PathError::Dot),
            ("/./b", PathError::Dot),
            ("/a/..", PathError::Dot),
            ("/a/%2e%2e/b", PathError::Dot),
            ("/a/.%2E/b", PathError::Dot),
            ("/a/..;x=1/b", PathError::Dot),
            ("/a/..%3bx/b", PathError::Dot),
            ("/a/.;/b", PathError::Dot),
            ("/a/%20..%20/b", PathError::Dot),
            ("/a%2fb", PathError::Slash),
            ("/a%2Fb", PathError::Slash),
            ("/a%5cb", PathError::Backslash),
            ("/a\\b", PathError::Backslash),
            ("/a%00b", PathError::Control),
            ("/a%0d%0ab", PathError::Control),
            ("//a", PathError::Empty),
            ("/a//b", PathError::Empty),
            ("/a/%2", PathError::Percent),
            ("/a/%zz", PathError::Percent),
            ("/a/%252e%252e/b", PathError::Percent),
            ("/a/%ff", PathError::Utf8),
            ("a", PathError::Empty),
        ] {
            assert_eq!(segments(path), Err(error), "{path}");
        }
    }

    #[test]
    fn r17_a_plain_path_is_its_decoded_segments() {
        assert_eq!(segments("/").unwrap(), Vec::<String>::new());
        assert_eq!(segments("/a/b%20c/").unwrap(), ["a", "b c", ""]);
        assert_eq!(segments("/x@y/...").unwrap(), ["x@y", "..."]);
    }
}
