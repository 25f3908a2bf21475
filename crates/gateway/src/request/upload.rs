//! A request's body on its way to the application: counted, without trailers, and ended by a cut.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::session::Exchange;

/// How far a request's body has left for the application.
#[derive(Clone, Default)]
pub(crate) struct UploadProgress(Arc<(AtomicBool, AtomicU64)>);

impl UploadProgress {
    /// Whether all of it has left.
    pub(crate) fn is_done(&self) -> bool {
        self.0.0.load(Ordering::Acquire)
    }

    /// How many bytes have left.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.1.load(Ordering::Relaxed)
    }

    fn count(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.1.fetch_add(bytes, Ordering::Relaxed);
    }

    fn set_done(&self) {
        self.0.0.store(true, Ordering::Release);
    }
}

/// What a client sent, or sends.
pub(crate) enum Payload {
    Streamed(Incoming),
    /// Read before the request was judged.
    Whole(Bytes),
}

impl Payload {
    /// What was read already.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        match self {
            Payload::Streamed(_) => None,
            Payload::Whole(bytes) => Some(bytes),
        }
    }

    /// Whether nothing of it is left.
    pub(crate) fn is_end_stream(&self) -> bool {
        match self {
            Payload::Streamed(body) => body.is_end_stream(),
            Payload::Whole(bytes) => bytes.is_empty(),
        }
    }

    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self {
            Payload::Streamed(body) => Pin::new(body).poll_frame(cx),
            Payload::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Payload::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Payload::Streamed(body) => body.size_hint(),
            Payload::Whole(bytes) => {
                SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
        }
    }
}

/// The body.
pub(crate) struct Upload {
    body: Option<Payload>,
    exchange: Option<Arc<Exchange>>,
    progress: UploadProgress,
}

impl Upload {
    /// No body at all.
    pub(crate) fn none(progress: UploadProgress) -> Self {
        progress.set_done();
        Self {
            body: None,
            exchange: None,
            progress,
        }
    }

    /// The client's body.
    pub(crate) fn of(body: Payload, exchange: Arc<Exchange>, progress: UploadProgress) -> Self {
        if body.is_end_stream() {
            return Self::none(progress);
        }
        Self {
            body: Some(body),
            exchange: Some(exchange),
            progress,
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let Some(body) = this.body.as_mut() else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(body.poll_frame(cx)) {
                None => {
                    this.progress.set_done();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    // A trailer is a header that comes after the check; none goes on.
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    if let Some(exchange) = &this.exchange {
                        exchange.count_in(bytes.len());
                    }
                    this.progress.count(bytes.len());
                    if body.is_end_stream() {
                        this.progress.set_done();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Payload::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Payload::size_hint)
    }
}
