//! What stands in for a browser: keeps one cookie per host and reads answers as they come.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const LARGEST_BYTES: usize = 4 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrowseError {
    #[error("`{0}` is no http address with a port")]
    Address(String),
    #[error("no connection: {0}")]
    Connect(#[from] std::io::Error),
    #[error("no answer: {0}")]
    Exchange(#[from] hyper::Error),
    #[error("the answer broke off or was too large")]
    Body,
}

/// An answer, read whole.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

/// An answer that is still coming.
pub(crate) struct Download {
    body: Incoming,
    pub(crate) bytes: usize,
}

/// How a download ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The other side said that this was all.
    Complete,
    /// The connection was reset.
    Cut,
}

/// One visitor.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Sends a request without a body; every name under the gateway's domain is this machine.
    pub(crate) async fn open(&mut self, method: Method, url: &str) -> Result<Page, BrowseError> {
        let answer = self.send(method, url).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_BYTES)
            .collect()
            .await;
        let bytes = body.map_err(|_| BrowseError::Body)?.to_bytes();
        Ok(Page {
            status,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// Starts a download and answers once its first bytes are here.
    pub(crate) async fn download(
        &mut self,
        url: &str,
    ) -> Result<(StatusCode, Download), BrowseError> {
        let answer = self.send(Method::GET, url).await?;
        let status = answer.status();
        let mut download = Download {
            body: answer.into_body(),
            bytes: 0,
        };
        download.next().await;
        Ok((status, download))
    }

    async fn send(&mut self, method: Method, url: &str) -> Result<Response<Incoming>, BrowseError> {
        let not_ours = || BrowseError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| not_ours())?;
        let authority = uri.authority().ok_or_else(not_ours)?.clone();
        let port = authority.port_u16().ok_or_else(not_ours)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, authority.as_str());
        if let Some(cookie) = self.cookies.get(authority.host()) {
            request = request.header(COOKIE, cookie);
        }
        let request = request
            .body(Empty::<Bytes>::new())
            .map_err(|_| not_ours())?;
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the exchange: the answer's body says how.
        tokio::spawn(connection);
        let answer = sender.send_request(request).await?;
        let set = answer
            .headers()
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok());
        if let Some((pair, _)) = set.and_then(|text| text.split_once(';')) {
            self.cookies
                .insert(authority.host().to_owned(), pair.to_owned());
        }
        Ok(answer)
    }
}

impl Download {
    /// Waits for more; `None` while more may come.
    pub(crate) async fn next(&mut self) -> Option<Ending> {
        match self.body.frame().await {
            Some(Ok(frame)) => {
                self.bytes += frame.data_ref().map_or(0, Bytes::len);
                None
            }
            Some(Err(_)) => Some(Ending::Cut),
            None => Some(Ending::Complete),
        }
    }
}
