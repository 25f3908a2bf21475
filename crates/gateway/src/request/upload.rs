//! A request's body on its way to the application: counted, without trailers, and ended by a cut.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::session::Exchange;

/// Whether a whole request has left for the application.
#[derive(Clone, Default)]
pub(crate) struct UploadDone(Arc<AtomicBool>);

impl UploadDone {
    pub(crate) fn is_done(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// The body.
pub(crate) struct Upload {
    body: Option<Incoming>,
    exchange: Option<Arc<Exchange>>,
    done: UploadDone,
}

impl Upload {
    /// No body at all.
    pub(crate) fn none(done: UploadDone) -> Self {
        done.set();
        Self {
            body: None,
            exchange: None,
            done,
        }
    }

    /// The client's body.
    pub(crate) fn of(body: Incoming, exchange: Arc<Exchange>, done: UploadDone) -> Self {
        if body.is_end_stream() {
            return Self::none(done);
        }
        Self {
            body: Some(body),
            exchange: Some(exchange),
            done,
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
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => {
                    this.done.set();
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
                    if body.is_end_stream() {
                        this.done.set();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
