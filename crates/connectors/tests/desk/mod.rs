//! A case system on a free loopback port that answers as a test says and remembers what it was asked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "test harness, and not every test uses all of it"
)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use locum_connectors::{Limits, WebClient};
use locum_domain::{CaseRef, Timestamp};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The running desk.
pub struct Desk {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Desk {
    /// Answers every request with what `answer` makes of it.
    pub async fn answering(
        answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::answering_after(Duration::ZERO, answer).await
    }

    /// The same, `delay` later.
    pub async fn answering_after(
        delay: Duration,
        answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let remembered = asked.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (answer, remembered) = (answer.clone(), remembered.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, 1 << 20).await.unwrap();
                let one = Asked {
                    method: parts.method.to_string(),
                    target: parts.uri.to_string(),
                    headers: parts.headers,
                    body: String::from_utf8_lossy(&body).into_owned(),
                };
                remembered.lock().unwrap().push(one.clone());
                tokio::time::sleep(delay).await;
                answer(&one)
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked }
    }

    pub fn url(&self, rest: &str) -> String {
        format!("http://{}{rest}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

pub fn answer(status: u16, body: impl Into<String>) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.into().into())
        .unwrap()
}

/// A client that loses patience soon, so that tests need not wait.
pub fn web() -> WebClient {
    WebClient::new(Limits {
        connect: Duration::from_millis(500),
        total: Duration::from_millis(600),
        body_bytes: 4_096,
    })
    .unwrap()
}

pub fn case(text: &str) -> CaseRef {
    text.parse().unwrap()
}

pub fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}
