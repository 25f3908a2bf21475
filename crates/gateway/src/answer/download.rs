//! The application's body on its way to the client, one piece at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use locum_domain::access::Outcome;

use super::bannered::{Bannered, PageError};
use crate::request::UploadProgress;
use crate::session::Exchange;
use crate::upstream::Held;

/// Why an answer broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error("the application broke off")]
    Application(#[source] hyper::Error),
    #[error("the page broke off")]
    Page(#[from] PageError),
}

/// A body passing through. Dropping it before its end drops the connection to the application too.
pub(crate) struct Download {
    body: Incoming,
    exchange: Arc<Exchange>,
    held: Option<Held>,
    upload: UploadProgress,
    page: Option<Bannered>,
    is_over: bool,
    has_failed: bool,
}

impl Download {
    /// `is_empty`: the answer has no body whatever its headers say (HEAD, 204, 304).
    pub(super) fn new(
        body: Incoming,
        exchange: Arc<Exchange>,
        held: Held,
        upload: UploadProgress,
        page: Option<Bannered>,
        is_empty: bool,
    ) -> Self {
        let is_over = (is_empty || body.is_end_stream()) && page.is_none();
        Self {
            body,
            exchange,
            held: Some(held),
            upload,
            page,
            is_over,
            has_failed: false,
        }
    }

    /// The next piece of what the client gets, perhaps an empty one; `None` at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, DownloadError>> {
        if let Some(bytes) = self.page.as_mut().map_or(Ok(None), Bannered::more)? {
            return Poll::Ready(Ok(Some(bytes)));
        }
        let bytes = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Err(error)) => return Poll::Ready(Err(DownloadError::Application(error))),
            // Trailers are not passed on.
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            None => {
                self.is_over = true;
                let rest = self.page.take().map(Bannered::end).transpose()?;
                self.give_back();
                return Poll::Ready(Ok(rest));
            }
        };
        Poll::Ready(Ok(match self.page.as_mut() {
            None => Some(bytes),
            Some(page) => Some(page.write(bytes)?.unwrap_or_default()),
        }))
    }

    fn fail(&mut self, error: DownloadError) -> Poll<Option<Result<Frame<Bytes>, DownloadError>>> {
        tracing::warn!(%error, application = %self.exchange.site.id, "an answer broke off");
        self.has_failed = true;
        self.exchange.close(Outcome::Failed);
        Poll::Ready(Some(Err(error)))
    }

    /// The application's side is complete: its connection may serve the next request.
    fn give_back(&mut self) {
        if let Some(held) = self.held.take()
            && self.upload.is_done()
        {
            self.exchange.site.upstream.give_back(held);
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = DownloadError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DownloadError>>> {
        let this = self.get_mut();
        loop {
            if this.is_over {
                return Poll::Ready(None);
            }
            let bytes = match ready!(this.poll_piece(cx)) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Poll::Ready(None),
                Err(error) => return this.fail(error),
            };
            if bytes.is_empty() {
                continue;
            }
            this.exchange.count_out(bytes.len());
            if this.page.is_none() && this.body.is_end_stream() {
                this.is_over = true;
                this.give_back();
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_over {
            SizeHint::with_exact(0)
        } else if self.page.is_some() {
            SizeHint::default()
        } else {
            self.body.size_hint()
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if self.has_failed {
            return;
        }
        if self.is_over {
            self.give_back();
            self.exchange.handed_over();
        } else {
            self.exchange.close(Outcome::Abandoned);
        }
    }
}
