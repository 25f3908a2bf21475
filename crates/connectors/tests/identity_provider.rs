//! Asking an identity provider that misbehaves in every way a server can.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::{get, post};
use locum_connectors::{IdentityProvider, Limits, WebClient};
use secrecy::SecretString;
use serde_json::{Value, json};

async fn token(headers: HeaderMap, form: Bytes) -> (StatusCode, String) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let answer = json!({
        "authorization": header("authorization"),
        "type": header("content-type"),
        "form": String::from_utf8(form.to_vec()).unwrap(),
    });
    (StatusCode::BAD_REQUEST, answer.to_string())
}

async fn provider() -> (String, IdentityProvider) {
    let router = Router::new()
        .route("/token", post(token))
        .route("/page", post(|| async { "<html>" }))
        .route("/moved", get(|| async { Redirect::to("/metadata") }))
        .route("/metadata", get(|| async { r#"{"issuer":"x"}"# }))
        .route("/long", get(|| async { " ".repeat(100_000) + "{}" }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_secs(5)).await;
                "{}"
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let limits = Limits {
        connect: Duration::from_secs(1),
        total: Duration::from_millis(500),
        body_bytes: 64 * 1024,
    };
    (
        address,
        IdentityProvider::new(WebClient::new(limits).unwrap()),
    )
}

#[tokio::test]
async fn a_form_arrives_with_its_credential_and_a_no_is_an_answer() {
    let (address, provider) = provider().await;
    let basic = SecretString::from("Basic bG9jdW06c2VjcmV0");
    let form = "grant_type=authorization_code&code=c".to_owned();
    let (status, said) = provider
        .post_form(&format!("{address}/token"), Some(&basic), form.clone())
        .await
        .unwrap();
    assert_eq!(status, 400);
    assert_eq!(said["authorization"], "Basic bG9jdW06c2VjcmV0");
    assert_eq!(said["type"], "application/x-www-form-urlencoded");
    assert_eq!(said["form"], Value::String(form));
}

#[tokio::test]
async fn r33_nothing_that_a_provider_answers_leads_elsewhere_or_takes_long() {
    let (address, provider) = provider().await;
    let metadata = format!("{address}/metadata");
    let metadata = provider.get_json(&metadata, None).await.unwrap();
    assert_eq!(metadata["issuer"], "x");
    for path in ["moved", "long", "slow", "none"] {
        let answer = provider.get_json(&format!("{address}/{path}"), None).await;
        let silent = answer.expect_err(path).to_string();
        assert!(!silent.contains("127.0.0.1"), "{silent}");
    }
    let page = format!("{address}/page");
    assert!(
        provider
            .post_form(&page, None, String::new())
            .await
            .is_err()
    );
    let cleartext = provider.get_json("http://idp.corp.example/", None).await;
    assert_eq!(
        cleartext.unwrap_err().to_string(),
        "its address is not https"
    );
}
