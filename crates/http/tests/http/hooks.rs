//! What case systems say at the door.

use axum::http::Method;
use jiff::SignedDuration;

use crate::site::{Answer, Site};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn hook(site: &Site, words: &'static str) -> Answer {
    site.call(Method::POST, "/hooks/desk")
        .header("signature", "secret")
        .body(words)
        .send()
        .await
}

#[tokio::test]
async fn r18_an_authentic_close_ends_the_session_and_its_repetition_does_nothing() {
    let site = Site::new().await;
    let activated = site.activated().await;
    site.house.desk.close("7");
    let first = hook(&site, "msg1 closed 7").await;
    assert_eq!(
        (first.status, first.json()["ended"].as_u64()),
        (200, Some(1))
    );
    let path = format!("/api/v1/sessions/{}", activated["id"].as_str().unwrap());
    assert_eq!(
        site.get("alice", &path).await.json()["ended_because"],
        "case-closed"
    );
    let entries = site.house.history().await.len();
    let again = hook(&site, "msg1 closed 7").await;
    assert_eq!(
        (again.status, again.json()["is_repeated"].as_bool()),
        (200, Some(true))
    );
    assert_eq!(site.house.history().await.len(), entries);
    site.close().await;
}

#[tokio::test]
async fn what_is_not_authentic_is_401_and_counted() {
    let site = Site::new().await;
    site.activated().await;
    let forged = site
        .call(Method::POST, "/hooks/desk")
        .header("signature", "guess")
        .body("msg1 closed 7");
    let forged = forged.send().await;
    forged.refused(401, "bad-signature");
    assert!(!forged.header("www-authenticate").is_empty());
    hook(&site, "old").await.refused(401, "stale");
    let elsewhere = site
        .call(Method::POST, "/hooks/jetty")
        .body("msg1 closed 7");
    elsewhere.send().await.refused(404, "not-found");
    assert_eq!(site.house.live_sessions().await.len(), 1);
    let before = site.house.history().await.len();
    site.strangers.record(&site.house.control).await;
    assert_eq!(site.house.history().await.len() - before, 3);
    site.close().await;
}

#[tokio::test]
async fn a_close_that_cannot_be_recorded_is_to_be_sent_again() {
    let site = Site::new().await;
    site.activated().await;
    site.house.store.set_fails_commits(true);
    hook(&site, "msg1 closed 7")
        .await
        .refused(503, "recorder-unavailable");
    site.house.store.set_fails_commits(false);
    site.house.desk.set_unreachable(true);
    // Remembered and owed: sending it again would change nothing.
    assert_eq!(hook(&site, "msg2 changed 7").await.status, 200);
    site.house.desk.set_unreachable(false);
    site.house.desk.close("7");
    assert_eq!(hook(&site, "msg1 closed 7").await.json()["ended"], 1);
    site.close().await;
}

#[tokio::test]
async fn r18_a_close_ends_also_while_no_clock_can_be_believed() {
    let site = Site::new().await;
    site.activated().await;
    site.house.desk.close("7");
    site.house.clock.step_back(HOUR);
    let ended = hook(&site, "msg1 closed 7").await;
    assert_eq!(
        (ended.status, ended.json()["ended"].as_u64()),
        (200, Some(1))
    );
    site.house.clock.advance(HOUR);
    assert!(site.house.live_sessions().await.is_empty());
    site.close().await;
}
