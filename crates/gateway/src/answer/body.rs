//! The body of an answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::download::{Download, DownloadError};

/// One of the gateway's own texts, or the application's body passing through.
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    Passing(Box<Download>),
}

impl Answer {
    pub(crate) fn empty() -> Self {
        Answer::Whole(None)
    }

    pub(crate) fn text(text: impl Into<Bytes>) -> Self {
        Answer::Whole(Some(text.into()))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = DownloadError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DownloadError>>> {
        match self.get_mut() {
            Answer::Whole(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Answer::Passing(download) => Pin::new(download.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Answer::Whole(text) => text.is_none(),
            Answer::Passing(download) => download.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Answer::Whole(text) => SizeHint::with_exact(
                text.as_ref()
                    .and_then(|text| u64::try_from(text.len()).ok())
                    .unwrap_or(0),
            ),
            Answer::Passing(download) => download.size_hint(),
        }
    }
}
