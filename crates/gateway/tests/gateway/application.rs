//! An application that says what it saw.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What happened at the application and at the recorder, in order.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) log: Log,
    pub(crate) address: SocketAddr,
    /// Answers that broke off because nobody wanted them any more.
    pub(crate) aborted: Arc<AtomicUsize>,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) uploaded: Arc<AtomicU64>,
}

impl Application {
    pub(crate) async fn start(log: Log) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let application = Self {
            log,
            address: listener.local_addr().unwrap(),
            aborted: Arc::default(),
            connections: Arc::default(),
            uploaded: Arc::default(),
        };
        let served = application.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                served.connections.fetch_add(1, Ordering::SeqCst);
                let served = served.clone();
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(move |request| {
                        let served = served.clone();
                        async move { Ok::<_, Infallible>(served.answer(request).await) }
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        application
    }

    pub(crate) fn seen(&self) -> usize {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|line| line.starts_with("application "))
            .count()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<BoxBody<Bytes, Infallible>> {
        let path = request.uri().path().to_owned();
        self.log
            .lock()
            .unwrap()
            .push(format!("application {} {path}", request.method()));
        let text = |text: &str| Full::new(Bytes::from(text.to_owned())).boxed();
        let answer = Response::builder();
        if path.starts_with("/echo") {
            let (parts, body) = request.into_parts();
            let headers: Vec<(String, String)> = parts
                .headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect();
            let body = body
                .collect()
                .await
                .map(|it| it.to_bytes())
                .unwrap_or_default();
            let said = serde_json::json!({
                "headers": headers,
                "uri": parts.uri.to_string(),
                "body": String::from_utf8_lossy(&body),
            });
            return answer
                .header("content-type", "application/json")
                .body(text(&said.to_string()))
                .unwrap();
        }
        match path.as_str() {
            "/page" => answer
                .header("content-type", "text/html; charset=utf-8")
                .header(
                    "content-security-policy",
                    "default-src 'none'; form-action 'none'",
                )
                .header("cache-control", "public, max-age=9")
                .header("alt-svc", "h2=\":443\"")
                .header("locum-session", "forged")
                .body(text(
                    "<html><head></head><body class=x><p>Invoices</p></body></html>",
                ))
                .unwrap(),
            "/fragment" => answer
                .header("content-type", "text/html")
                .body(text("<p>no body element"))
                .unwrap(),
            _ if path.starts_with("/packed/") || path.starts_with("/shell/") => {
                let coding = path.rsplit('/').next().unwrap_or_default();
                answer
                    .header("content-type", "text/html")
                    .header("content-encoding", coding)
                    .body(Full::new(Bytes::from(packed(coding))).boxed())
                    .unwrap()
            }
            "/bomb" => answer
                .header("content-type", "text/html")
                .header("content-encoding", "gzip")
                .body(Full::new(Bytes::from(bomb())).boxed())
                .unwrap(),
            "/gzip" => answer
                .header("content-type", "text/html")
                .header("content-encoding", "gzip")
                .body(text("not really"))
                .unwrap(),
            "/login" => answer
                .header("set-cookie", "sid=of-the-subject; Path=/; HttpOnly; Secure")
                .header("set-cookie", "theme=dark; Domain=.app.internal; Path=/")
                .header("set-cookie", "domain=1; domain=app.internal")
                .body(text("in"))
                .unwrap(),
            "/redirect" => answer
                .status(302)
                .header("location", format!("http://{}/invoices?x=1", self.address))
                .body(text(""))
                .unwrap(),
            "/drip" => answer
                .header("content-type", "application/octet-stream")
                .body(Stream::endless(self, Duration::from_millis(2), 4096).boxed())
                .unwrap(),
            "/flood" => answer
                .header("content-type", "application/octet-stream")
                .body(Stream::endless(self, Duration::ZERO, 64 * 1024).boxed())
                .unwrap(),
            "/chunked" => answer
                .body(
                    StreamBody::new(futures_util::stream::iter(
                        ["a", "b"].map(|it| Ok(Frame::data(Bytes::from_static(it.as_bytes())))),
                    ))
                    .boxed(),
                )
                .unwrap(),
            "/large" => answer
                .header("content-length", LARGE.to_string())
                .body(Stream::of(self, LARGE).boxed())
                .unwrap(),
            "/wait" => {
                let _gone = Gone(self.aborted.clone());
                std::future::pending::<()>().await;
                unreachable!()
            }
            "/upload" => {
                let mut body = request.into_body();
                let _gone = Gone(self.aborted.clone());
                while let Some(frame) = body.frame().await {
                    match frame {
                        Ok(frame) => {
                            let count = frame.data_ref().map_or(0, |it| it.len());
                            self.uploaded.fetch_add(count as u64, Ordering::SeqCst);
                        }
                        Err(_) => std::future::pending::<()>().await,
                    }
                }
                std::mem::forget(_gone);
                answer.body(text("got it")).unwrap()
            }
            _ => answer.body(text("hello")).unwrap(),
        }
    }
}

/// A page in a coding that nobody asked for.
fn packed(coding: &str) -> Vec<u8> {
    use std::io::Write;
    let page = b"<html><body><p>Invoices</p></body></html>";
    let level = flate2::Compression::default();
    if coding == "deflate" {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), level);
        packed.write_all(page).unwrap();
        return packed.finish().unwrap();
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), level);
    packed.write_all(page).unwrap();
    packed.finish().unwrap()
}

/// A small page that is 200 MB long.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"<html><body>").unwrap();
    for _ in 0..200 {
        packed.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    packed.finish().unwrap()
}

/// More than any buffer on the way.
pub(crate) const LARGE: u64 = 200 * 1024 * 1024;

struct Gone(Arc<AtomicUsize>);
impl Drop for Gone {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A body made as it is read.
struct Stream {
    left: u64,
    piece: Bytes,
    pause: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    gone: Option<Gone>,
}

impl Stream {
    fn endless(application: &Application, pause: Duration, piece: usize) -> Self {
        Self {
            left: u64::MAX,
            piece: Bytes::from(vec![b'x'; piece]),
            pause,
            sleep: None,
            gone: Some(Gone(application.aborted.clone())),
        }
    }

    fn of(application: &Application, bytes: u64) -> Self {
        Self {
            left: bytes,
            ..Self::endless(application, Duration::ZERO, 64 * 1024)
        }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            std::mem::forget(self.gone.take());
            return Poll::Ready(None);
        }
        if !self.pause.is_zero() {
            let pause = self.pause;
            let sleep = self
                .sleep
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
            std::task::ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
        }
        let count = self.left.min(self.piece.len() as u64);
        self.left -= count;
        let piece = self.piece.slice(..count as usize);
        if self.left == 0 {
            std::mem::forget(self.gone.take());
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        if self.left > LARGE {
            SizeHint::default()
        } else {
            SizeHint::with_exact(self.left)
        }
    }
}
