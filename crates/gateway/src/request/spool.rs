//! A small body, read whole before anything of it goes on.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::poll_fn;
use http_body::Body;
use hyper::body::Incoming;

/// Why there is no whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotSpooled {
    TooLarge,
    TooLate,
    Broken,
}

/// Reads a body of at most `longest` bytes, for at most `patience`. Trailers are dropped, as on every body's way.
pub(super) async fn spool(
    body: Incoming,
    longest: usize,
    patience: Duration,
) -> Result<Bytes, NotSpooled> {
    let longest_said = u64::try_from(longest).unwrap_or(u64::MAX);
    if body.size_hint().lower() > longest_said {
        return Err(NotSpooled::TooLarge);
    }
    tokio::time::timeout(patience, whole(body, longest))
        .await
        .map_err(|_| NotSpooled::TooLate)?
}

async fn whole(body: Incoming, longest: usize) -> Result<Bytes, NotSpooled> {
    let mut body = std::pin::pin!(body);
    let mut read = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(bytes) = frame.map_err(|_| NotSpooled::Broken)?.into_data() else {
            continue;
        };
        if read.len().saturating_add(bytes.len()) > longest {
            return Err(NotSpooled::TooLarge);
        }
        read.extend_from_slice(&bytes);
    }
    Ok(read.freeze())
}
