//! The bytes of a body: how many of them anybody may send, and for how long.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;

use crate::refused::Refused;

/// The largest body, in bytes.
pub(crate) const LARGEST: usize = 256 * 1024;
/// The largest body that brings a whole version of what counts, in bytes: 4 MiB of texts, written as JSON.
const LARGEST_VERSION: usize = 8 * 1024 * 1024;
/// The addresses that take one.
const TAKING_VERSIONS: [&str; 2] = ["/api/v1/changes", "/api/v1/changes/preview"];
/// How much more of a known principal's larger body is read and thrown away, so that they get to read why it was
/// refused.
const DRAINED: usize = 8 * 1024 * 1024;
/// How long a body may take from its first byte to its last: whoever sends drop by drop holds a place for nothing.
const LONGEST: Duration = Duration::from_secs(30);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// More than so many bytes.
    TooLarge(usize),
    TooSlow,
    BrokenOff,
}

/// Reads the body of somebody we may not know: nothing is kept or awaited beyond the limit.
pub(crate) async fn of_anybody(body: Body) -> Result<Bytes, Unread> {
    in_time(LONGEST, read(body, LARGEST, LARGEST)).await
}

/// Reads the body that a known principal sends to this address.
pub(crate) async fn of_principal(path: &str, body: Body) -> Result<Bytes, Unread> {
    let largest = match TAKING_VERSIONS.contains(&path) {
        true => LARGEST_VERSION,
        false => LARGEST,
    };
    let drained = largest.saturating_add(DRAINED);
    in_time(LONGEST, read(body, largest, drained)).await
}

async fn in_time(
    longest: Duration,
    reading: impl Future<Output = Result<Bytes, Unread>>,
) -> Result<Bytes, Unread> {
    let read = tokio::time::timeout(longest, reading).await;
    read.unwrap_or(Err(Unread::TooSlow))
}

/// Keeps at most `largest` bytes, and reads at most `drained`.
async fn read(mut body: Body, largest: usize, drained: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > u64::try_from(drained).unwrap_or(u64::MAX) {
        return Err(Unread::TooLarge(largest));
    }
    let mut bytes = BytesMut::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::BrokenOff)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > drained {
            return Err(Unread::TooLarge(largest));
        }
        if length <= largest {
            bytes.extend_from_slice(&data);
        }
    }
    if length > largest {
        return Err(Unread::TooLarge(largest));
    }
    Ok(bytes.freeze())
}

impl From<Unread> for Refused {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge(largest) => Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                format!("a body has at most {} KiB here", largest / 1024),
            ),
            Unread::TooSlow => Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                "too-slow",
                "a body arrives within 30 seconds",
            ),
            Unread::BrokenOff => {
                Refused::new(StatusCode::BAD_REQUEST, "malformed", "the body broke off")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up_and_says_why() {
        let read = in_time(Duration::from_millis(10), std::future::pending()).await;
        assert_eq!(read, Err(Unread::TooSlow));
        let problem = Refused::from(Unread::TooSlow).problem;
        assert_eq!((problem.status, problem.code.as_str()), (408, "too-slow"));
    }
}
