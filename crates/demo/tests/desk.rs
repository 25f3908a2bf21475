//! The sample case desk: what a connector reads, and what it is told.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{FORM, PAGE, Running, call, clock};
use jiff::Timestamp;
use locum_demo::desk::{self, Webhook};
use ring::hmac;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};

const SECRET_BYTES: &[u8] = b"twenty-four bytes or so!";

/// A listener that fails once and takes everything afterwards.
async fn listener() -> (String, Receiver<(HeaderMap, Bytes)>) {
    let (sender, receiver) = channel(16);
    let hook = post(move |headers: HeaderMap, body: Bytes| {
        let sender = sender.clone();
        async move {
            let is_first = sender.capacity() == sender.max_capacity();
            sender.send((headers, body)).await.unwrap();
            if is_first {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::NO_CONTENT
            }
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/desk", listener.local_addr().unwrap());
    let router = Router::new().route("/hooks/desk", hook);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

async fn start(webhook: Option<Webhook>) -> Running {
    Running::of(|listener, shutdown| desk::serve(listener, webhook, clock(), shutdown)).await
}

#[tokio::test]
async fn r02_a_case_tells_all_that_a_connector_maps() {
    let desk = start(None).await;
    let case = call(desk.address, "GET /cases/7", &[], "").await.json();
    for (pointer, value) in [
        ("/id", "7"),
        ("/state", "open"),
        ("/assignee", "alice"),
        ("/opened_by", "carol"),
        ("/priority", "normal"),
        ("/queue", "billing-questions"),
        ("/customer/id", "carol"),
        ("/customer/tenant", "initech"),
    ] {
        assert_eq!(case.pointer(pointer).unwrap(), value, "{pointer}");
    }
    for pointer in ["/title", "/text"] {
        assert!(case.pointer(pointer).is_some_and(Value::is_string));
    }
    let opened_at = case["opened_at"].as_str().unwrap();
    assert!(opened_at.parse::<Timestamp>().unwrap() < Timestamp::now());
    let nobodys = call(desk.address, "GET /cases/13", &[], "").await.json();
    assert_eq!(nobodys["assignee"], Value::Null);
    let unknown = call(desk.address, "GET /cases/4711", &[], "").await;
    assert_eq!(unknown.status, 404);
    desk.end().await;
}

#[tokio::test]
async fn a_browser_gets_pages_for_the_same_addresses() {
    let desk = start(None).await;
    for (what, status, said) in [
        ("GET /cases", 200, "Archive cannot be opened at all"),
        ("GET /cases/7", 200, "Close the case"),
        ("GET /cases/8", 200, "Open again"),
        ("GET /cases/4711", 404, "No such case"),
    ] {
        let page = call(desk.address, what, &[PAGE], "").await;
        assert_eq!(page.status, status, "{what}");
        assert!(page.body.contains(said), "{what}");
    }
    desk.end().await;
}

#[tokio::test]
async fn r18_closing_is_told_at_once_signed_and_again_until_it_is_taken() {
    let (url, mut told) = listener().await;
    let secret = format!("whsec_{}", STANDARD.encode(SECRET_BYTES));
    let desk = start(Some(Webhook::new(url, &secret).unwrap())).await;
    let closed = call(desk.address, "POST /cases/7/close", &[], "").await;
    assert_eq!(closed.status, 303);

    let (headers, body) = told.recv().await.unwrap();
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, at) = (text("webhook-id"), text("webhook-timestamp"));
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET_BYTES);
    let signature = text("webhook-signature");
    let signature = STANDARD
        .decode(signature.strip_prefix("v1,").unwrap())
        .unwrap();
    hmac::verify(&key, &signed, &signature).unwrap();
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(said["type"], "case.updated");
    assert_eq!(said["data"], json!({"id": "7", "state": "resolved"}));
    let second = at.parse::<i64>().unwrap();
    assert!((Timestamp::now().as_second() - second).abs() <= 5);

    let (again, same_body) = told.recv().await.unwrap();
    assert_eq!(again["webhook-id"], id.as_str());
    assert_eq!(same_body, body);
    desk.end().await;
}

#[tokio::test]
async fn people_close_reopen_and_hand_over_cases() {
    let (url, mut told) = listener().await;
    let secret = format!("whsec_{}", STANDARD.encode(SECRET_BYTES));
    let desk = start(Some(Webhook::new(url, &secret).unwrap())).await;
    for (what, body, field, value) in [
        ("POST /cases/7/close", "", "state", "resolved"),
        ("POST /cases/7/reopen", "", "state", "open"),
        ("POST /cases/7/reassign", "assignee=ann", "assignee", "ann"),
    ] {
        let answer = call(desk.address, what, &[FORM], body).await;
        assert_eq!(answer.status, 303, "{what}");
        let case = call(desk.address, "GET /cases/7", &[], "").await.json();
        assert_eq!(case[field], value, "{what}");
        let limit = Duration::from_secs(3);
        tokio::time::timeout(limit, told.recv()).await.unwrap();
    }
    for (what, body, status) in [
        ("POST /cases/7/reassign", "assignee=nobody", 422),
        ("POST /cases/4711/close", "", 404),
    ] {
        let answer = call(desk.address, what, &[FORM], body).await;
        assert_eq!(answer.status, status, "{what}");
    }
    desk.end().await;
}

#[test]
fn a_secret_of_another_form_is_refused() {
    for secret in ["", "secret", "whsec_%"] {
        assert!(Webhook::new("http://127.0.0.1:1/", secret).is_err());
    }
}
