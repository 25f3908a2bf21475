//! What stands around Locum: an application and a case desk, as small as can be.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::json;

use super::client::{self, Answer, head_end, value_of};

const SECRET: &[u8; 32] = b"the desk's own webhook secret 32";
/// The longest that a stream goes on when nobody cuts it.
const LONGEST_STREAM: Duration = Duration::from_secs(60);

enum Reply {
    Json(u16, String),
    /// Answers after this time.
    Slow(Duration, String),
    /// Rows until nobody takes them any more.
    Stream,
}

/// Serves until the test's process ends.
fn serve(handle: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let handle = Arc::new(handle);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            std::thread::spawn(move || converse(stream, &*handle));
        }
    });
    port
}

/// Answers request after request. None that is sent here has a body.
fn converse(mut stream: TcpStream, handle: &(impl Fn(&str, &str) -> Reply + ?Sized)) {
    let mut waiting = Vec::new();
    let mut bytes = [0; 4_096];
    loop {
        let end = loop {
            if let Some(end) = head_end(&waiting) {
                break end;
            }
            match stream.read(&mut bytes) {
                Ok(read) if read > 0 => waiting.extend_from_slice(&bytes[..read]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&waiting[..end]).into_owned();
        waiting.drain(..end + 4);
        let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
        let sent = match handle(&path, &head) {
            Reply::Json(status, body) => answer(&mut stream, status, &body),
            Reply::Slow(after, body) => {
                std::thread::sleep(after);
                answer(&mut stream, 200, &body)
            }
            Reply::Stream => stream_rows(&mut stream),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes())
}

fn stream_rows(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 X\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes())?;
    let started = Instant::now();
    while started.elapsed() < LONGEST_STREAM {
        stream.write_all(b"9\r\nrow,row\r\n\r\n")?;
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(b"0\r\n\r\n")
}

/// The application: remembers by its record's id each request that reached it.
pub(crate) struct Application {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Application {
    /// `/parcels/…` is answered at once, `/slow/…` after a second, `/stream/…` never ends.
    pub(crate) fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let port = serve(move |path, head| {
            let record = value_of(head, "locum-request").unwrap_or("none").to_owned();
            kept.lock().unwrap().push(record);
            let body = json!({ "path": path }).to_string();
            if path.starts_with("/stream/") {
                Reply::Stream
            } else if path.starts_with("/slow/") {
                Reply::Slow(Duration::from_secs(1), body)
            } else {
                Reply::Json(200, body)
            }
        });
        Self { port, seen }
    }

    /// The ids of the admitted records of all requests that arrived.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// The case desk: every number is an open case until it is closed, each with a customer of its own.
pub(crate) struct Desk {
    pub(crate) port: u16,
    closed: Arc<Mutex<BTreeSet<u64>>>,
}

impl Desk {
    pub(crate) fn start() -> Self {
        let closed = Arc::new(Mutex::new(BTreeSet::new()));
        let kept = Arc::clone(&closed);
        let port = serve(move |path, _| {
            let number = path.rsplit('/').next();
            let number: Option<u64> = number.and_then(|it| it.parse().ok());
            let Some(number) = number else {
                return Reply::Json(404, "{}".to_owned());
            };
            let is_closed = kept.lock().unwrap().contains(&number);
            let case = json!({ "case": {
                "number": number.to_string(),
                "status": if is_closed { "done" } else { "working" },
                "agent": "i.ivers",
                "title": "The parcel does not arrive",
                "customer": { "id": format!("c-{number}"), "company": "lighthouse" },
            }});
            Reply::Json(200, case.to_string())
        });
        Self { port, closed }
    }

    /// Closes a case and tells nobody.
    pub(crate) fn close(&self, number: u64) {
        self.closed.lock().unwrap().insert(number);
    }

    pub(crate) fn is_closed(&self, number: u64) -> bool {
        self.closed.lock().unwrap().contains(&number)
    }

    pub(crate) fn webhook_secret() -> String {
        format!("whsec_{}", STANDARD.encode(SECRET))
    }

    /// Tells Locum, signed as Standard Webhooks say, that a case is closed.
    pub(crate) fn tell_closed(server: u16, number: u64) -> std::io::Result<Answer> {
        let case = json!({ "number": number.to_string(), "status": "done" });
        let body = json!({ "type": "case.changed", "case": case }).to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (id, stamp) = (
            format!("msg_{number}_{}", now.as_nanos()),
            now.as_secs().to_string(),
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
        let signature = hmac::sign(&key, format!("{id}.{stamp}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(signature));
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", &id),
            ("webhook-timestamp", &stamp),
            ("webhook-signature", &signature),
        ];
        client::send(server, "POST /hooks/quay", &headers, body.as_bytes())
    }
}
