//! A small HTTP/1.1 client for `http://` addresses of this machine. It speaks no TLS, so the
//! samples need no provider of cryptography and no store of roots.

use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const LONGEST: Duration = Duration::from_secs(5);
const LARGEST_BYTES: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("`{0}` is not an http address with a port")]
    Address(String),
    #[error("no connection")]
    Connect(#[source] std::io::Error),
    #[error("no answer")]
    Exchange(#[source] hyper::Error),
    #[error("the answer broke off or was too large")]
    Body,
    #[error("no answer in time")]
    Late,
}

pub(crate) async fn get(url: &str) -> Result<(StatusCode, Bytes), CallError> {
    call(Method::GET, url, &[], Bytes::new()).await
}

pub(crate) async fn post(
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Bytes,
) -> Result<(StatusCode, Bytes), CallError> {
    call(Method::POST, url, headers, body).await
}

async fn call(
    method: Method,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Bytes,
) -> Result<(StatusCode, Bytes), CallError> {
    let exchange = exchange(method, url, headers, body);
    tokio::time::timeout(LONGEST, exchange)
        .await
        .map_err(|_| CallError::Late)?
}

async fn exchange(
    method: Method,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Bytes,
) -> Result<(StatusCode, Bytes), CallError> {
    let not_ours = || CallError::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| not_ours())?;
    let authority = uri.authority().ok_or_else(not_ours)?;
    let port = authority.port_u16().ok_or_else(not_ours)?;
    let path = uri.path_and_query().ok_or_else(not_ours)?;
    if uri.scheme_str() != Some("http") {
        return Err(not_ours());
    }
    let mut request = Request::builder()
        .method(method)
        .uri(path.as_str())
        .header(HOST, authority.as_str())
        .body(Full::new(body))
        .map_err(|_| not_ours())?;
    request.headers_mut().extend(headers.iter().cloned());
    let stream = TcpStream::connect((authority.host(), port))
        .await
        .map_err(CallError::Connect)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(CallError::Exchange)?;
    let connection = tokio::spawn(connection);
    let answer = sender
        .send_request(request)
        .await
        .map_err(CallError::Exchange)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LARGEST_BYTES)
        .collect()
        .await
        .map_err(|_| CallError::Body)?;
    connection.abort();
    Ok((status, body.to_bytes()))
}
