//! A Locum of one key, and a client that speaks to loopback.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]
#![allow(dead_code, reason = "every test file uses another part of the harness")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use locum_demo::Clock;
use locum_demo::apps::Trust;
use locum_token::{
    Actor, ActorProfile, Assertion, AssertionInput, JwkSet, LocumClaims, Scope, SigningKey,
};
use ring::rand::SystemRandom;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const ISSUER: &str = "http://localhost:8470.development";
const KEY: &str = include_str!("../../../../sdk/vectors/keys/eddsa.pem");
const FOREIGN: &str = include_str!("../../../../sdk/vectors/keys/foreign.pem");

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

pub(crate) fn clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Whether the process on this port has ended with `shutdown` is part of every story.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    shutdown: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Running {
    pub(crate) async fn of<F>(serve: impl FnOnce(TcpListener, CancellationToken) -> F) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, shutdown.clone()));
        Self {
            address,
            shutdown,
            serving,
        }
    }

    pub(crate) async fn end(self) {
        self.shutdown.cancel();
        let limit = std::time::Duration::from_secs(3);
        tokio::time::timeout(limit, self.serving)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

/// What an application believes: the key set is really fetched, from an address of its own.
pub(crate) async fn trust() -> Trust {
    let keys = JwkSet::of([key(KEY).verifying_key().clone()]).to_json();
    let router = Router::new().route(
        "/.well-known/jwks.json",
        get(move || async move { axum::Json(keys) }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Trust {
        issuer: ISSUER.to_owned(),
        jwks_url: format!("http://{address}/.well-known/jwks.json"),
        clock: clock(),
        accepted_logs: None,
        witnesses: None,
    }
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pkcs8_pem(pem, &SystemRandom::new()).unwrap()
}

pub(crate) fn assertion(audience: &str, subject: &str) -> String {
    signed(KEY, audience, subject)
}

pub(crate) fn forged(audience: &str, subject: &str) -> String {
    signed(FOREIGN, audience, subject)
}

fn signed(pem: &str, audience: &str, subject: &str) -> String {
    let now = Timestamp::now();
    let input = AssertionInput {
        issuer: ISSUER.to_owned(),
        audience: audience.to_owned(),
        subject: subject.to_owned(),
        actor: Actor::new(ISSUER, "alice@corp.example", ActorProfile::User),
        client_id: "locum".to_owned(),
        scope: "invoice.read".parse::<Scope>().unwrap(),
        session: "ses_1".to_owned(),
        access_event: "evt_1".to_owned(),
        assertion_id: "jti_1".to_owned(),
        confirmation: None,
        locum: LocumClaims {
            case: "desk:7".to_owned(),
            grant: "grt_1".to_owned(),
            mode: "read".to_owned(),
            break_glass: false,
            activation: 12,
        },
        session_ends_at: now + SignedDuration::from_mins(10),
    };
    let (token, _) = Assertion::issue(input, now, &key(pem), &SystemRandom::new()).unwrap();
    token
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// `what` is a method and a path.
pub(crate) async fn call(
    address: SocketAddr,
    what: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let answer = open(address, what, headers, body).await;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// The answer's head, and a body still to be read.
pub(crate) async fn open(
    address: SocketAddr,
    what: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response<Incoming> {
    let (method, path) = what.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body.to_owned())))
        .unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.unwrap()
}

/// What of the body has come when it holds `text`.
pub(crate) async fn read_until(body: &mut Incoming, text: &str) -> String {
    let mut read = String::new();
    while !read.contains(text) {
        let frame = body.frame().await.unwrap().unwrap();
        let data = frame.into_data().unwrap();
        read.push_str(std::str::from_utf8(&data).unwrap());
    }
    read
}
