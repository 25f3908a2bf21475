//! One request to an application.

use http::{Request, Response};
use hyper::body::Incoming;

use super::{Held, Upstream};
use crate::request::{Upload, UploadProgress};

/// The application's answer, and the connection it comes over.
pub(crate) struct Sent {
    pub(crate) answer: Response<Incoming>,
    pub(crate) held: Held,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("the application accepts no connection")]
    Unreachable(#[source] std::io::Error),
    #[error("the application broke off before it answered")]
    Broken(#[source] hyper::Error),
    #[error("the application did not answer in time")]
    TooLate,
}

impl Upstream {
    /// Sends a request. A kept connection that turns out to be closed is replaced once nothing of the request
    /// was sent, or when `again` can make the request anew: only for one without a body that may be repeated.
    pub(crate) async fn send(
        &self,
        mut request: Request<Upload>,
        progress: &UploadProgress,
        again: Option<&(dyn Fn() -> Request<Upload> + Send + Sync)>,
    ) -> Result<Sent, SendError> {
        let mut again = again;
        loop {
            let (mut held, is_fresh) = match self.pool.take().await {
                Some(held) => (held, false),
                None => {
                    let fresh = self.address.connect(self.connect_timeout).await;
                    (fresh.map_err(SendError::Unreachable)?, true)
                }
            };
            let sending = held.sender.try_send_request(request);
            match self.wait(sending, progress).await {
                None => return Err(SendError::TooLate),
                Some(Ok(answer)) => return Ok(Sent { answer, held }),
                Some(Err(mut error)) => {
                    let unsent = error.take_message();
                    let error = error.into_error();
                    request = match (is_fresh, unsent, again.take()) {
                        (false, Some(unsent), kept) => {
                            again = kept;
                            unsent
                        }
                        (false, None, Some(again)) => again(),
                        _ => return Err(SendError::Broken(error)),
                    };
                }
            }
        }
    }

    /// Waits for the answer to begin, for as long as the request's body goes on leaving.
    async fn wait<T>(
        &self,
        sending: impl Future<Output = T>,
        progress: &UploadProgress,
    ) -> Option<T> {
        let mut sending = std::pin::pin!(sending);
        loop {
            let before = progress.bytes();
            match tokio::time::timeout(self.answer_timeout, &mut sending).await {
                Ok(sent) => return Some(sent),
                Err(_) if progress.bytes() == before => return None,
                Err(_) => {}
            }
        }
    }
}
