//! The sample customer records, driven over loopback as the gateway would.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use common::{Running, assertion, call, open, read_until, trust};
use locum_demo::apps::crm::{self, AUDIENCE};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn start() -> Running {
    let trust = trust().await;
    Running::of(|listener, shutdown| crm::serve(listener, trust, shutdown)).await
}

#[tokio::test]
async fn the_trusted_header_counts_only_beside_an_assertion_that_agrees() {
    let crm = start().await;
    let token = assertion(AUDIENCE, "carol");
    let good = ("locum-assertion", token.as_str());
    let rows: [(&[(&str, &str)], u16); 5] = [
        (&[good, ("x-remote-user", "carol")], 200),
        (&[("x-remote-user", "carol")], 401),
        (&[good], 403),
        (&[good, ("x-remote-user", "ken")], 403),
        (
            &[good, ("x-remote-user", "carol"), ("x-remote-user", "ken")],
            403,
        ),
    ];
    for (headers, status) in rows {
        let page = call(crm.address, "GET /contacts", headers, "").await;
        assert_eq!(page.status, status, "{headers:?}");
        assert_eq!(page.body.contains("c-301"), status == 200);
    }
    crm.end().await;
}

#[tokio::test]
async fn a_subject_sees_and_changes_only_their_own_organisation() {
    let crm = start().await;
    let token = assertion(AUDIENCE, "ken");
    let headers = [
        ("locum-assertion", token.as_str()),
        ("x-remote-user", "ken"),
        JSON,
    ];
    let list = call(crm.address, "GET /contacts", &headers, "").await;
    assert!(list.body.contains("Ken Sato") && !list.body.contains("Carol Diaz"));
    let edit = r#"{"phone":"0"}"#;
    for (what, body) in [
        ("GET /contacts/c-301", ""),
        ("GET /contacts/c-301/events", ""),
        ("PATCH /contacts/c-301", edit),
    ] {
        let answer = call(crm.address, what, &headers, body).await;
        assert_eq!(answer.status, 404, "{what}");
    }
    crm.end().await;
}

#[tokio::test]
async fn r19_a_change_reaches_the_feed_and_names_both_people() {
    let crm = start().await;
    let token = assertion(AUDIENCE, "carol");
    let headers = [
        ("locum-assertion", token.as_str()),
        ("x-remote-user", "carol"),
        JSON,
    ];
    let mut feed = open(crm.address, "GET /contacts/c-301/events", &headers, "").await;
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    read_until(feed.body_mut(), "event: ready").await;
    let edit = r#"{"phone":"+49 30 5550 9999"}"#;
    for (path, body, status) in [
        ("PATCH /contacts/c-302", edit, 200),
        ("PATCH /contacts/c-301", r#"{"phone":""}"#, 422),
        ("PATCH /contacts/c-301", r#"{"name":"x"}"#, 422),
        ("PATCH /contacts/c-301", edit, 200),
    ] {
        let answer = call(crm.address, path, &headers, body).await;
        assert_eq!(answer.status, status, "{path} {body}");
    }
    let told = read_until(feed.body_mut(), "alice@corp.example as carol").await;
    assert!(
        told.contains("event: changed") && !told.contains("c-302"),
        "{told}"
    );
    let page = call(crm.address, "GET /contacts/c-301", &headers, "").await;
    assert!(page.body.contains("+49 30 5550 9999"));
    crm.end().await;
}
