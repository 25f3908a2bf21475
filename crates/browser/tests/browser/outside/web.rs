//! Web servers as small as can be: the case desk, the application behind the gateway, and sites of other people.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// What one request is answered with.
pub(crate) struct Answer {
    status: u16,
    kind: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::of(200, "application/json", body.to_string())
    }

    pub(crate) fn page(body: &str) -> Self {
        let whole = format!("<!doctype html><html lang=en><title>A page</title><body>{body}");
        Self::of(200, "text/html; charset=utf-8", whole)
    }

    pub(crate) fn nothing() -> Self {
        Self::of(404, "text/plain", "nothing here".to_owned())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn of(status: u16, kind: &'static str, body: String) -> Self {
        Self {
            status,
            kind,
            headers: Vec::new(),
            body,
        }
    }
}

/// Serves until the tests end. `handle` gets the path and the whole head of each request.
pub(crate) fn serve(handle: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let handle = Arc::new(handle);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            std::thread::spawn(move || answer(stream, &*handle));
        }
    });
    port
}

/// One request a connection. None that is sent here has a body that matters.
fn answer(mut stream: TcpStream, handle: &impl Fn(&str, &str) -> Answer) {
    let mut head = Vec::new();
    let mut bytes = [0; 4_096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(read) if read > 0 => head.extend_from_slice(&bytes[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let answer = handle(&path, &head);
    let mut text = format!(
        "HTTP/1.1 {} .\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n",
        answer.status,
        answer.kind,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&answer.body);
    // Whoever asked may have gone.
    let _ = stream.write_all(text.as_bytes());
}
