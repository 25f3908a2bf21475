//! One key, one deed.

use axum::http::Method;
use jiff::SignedDuration;
use locum_control::ports::Idempotent;
use serde_json::json;
use sha2::Digest as _;

use crate::site::{Call, Site};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn keyed<'s>(site: &'s Site, person: &str, key: &str) -> Call<'s> {
    site.call(Method::POST, "/api/v1/requests")
        .by(person)
        .header("idempotency-key", key)
}

#[tokio::test]
async fn the_same_key_and_body_file_once_and_answer_twice() {
    let site = Site::new().await;
    let first = keyed(&site, "alice", "k").json(&site.asked()).send().await;
    let second = keyed(&site, "alice", "k").json(&site.asked()).send().await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json(), second.json());
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.header("content-type"), "application/json");
    let listed = site.get("alice", "/api/v1/requests").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    site.close().await;
}

#[tokio::test]
async fn the_same_key_with_another_body_is_422() {
    let site = Site::new().await;
    assert_eq!(
        keyed(&site, "alice", "k")
            .json(&site.asked())
            .send()
            .await
            .status,
        201
    );
    let mut other = site.asked();
    other["duration_minutes"] = json!(10);
    keyed(&site, "alice", "k")
        .json(&other)
        .send()
        .await
        .refused(422, "conflict");
    // Somebody else's key, and the same key at another address, are other keys.
    let arno = keyed(&site, "arno", "k").json(&other).send().await;
    arno.refused(403, "not-the-assignee");
    let preview = site
        .call(Method::POST, "/api/v1/requests/preview")
        .by("alice")
        .header("idempotency-key", "k")
        .json(&other);
    assert_eq!(preview.send().await.status, 200);
    site.close().await;
}

#[tokio::test]
async fn a_key_whose_first_request_still_runs_is_409() {
    let site = Site::new().await;
    let held = site.house.desk.look_ups.hold_next();
    let first = keyed(&site, "alice", "k").json(&site.asked()).send();
    let second = async {
        held.arrived().await;
        let second = keyed(&site, "alice", "k").json(&site.asked()).send().await;
        held.release();
        second
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.status, 201, "{}", first.text());
    second.refused(409, "conflict");
    site.close().await;
}

#[tokio::test]
async fn a_refusal_is_replayed_with_its_headers_and_an_outage_is_not() {
    let site = Site::new().await;
    let mut thin = site.asked();
    thin["reason"] = json!("help");
    keyed(&site, "alice", "thin")
        .json(&thin)
        .send()
        .await
        .refused(422, "reason-missing");
    let again = keyed(&site, "alice", "thin").json(&thin).send().await;
    again.refused(422, "reason-missing");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(site.refusals().await.len(), 1, "the replay was done again");

    site.house.store.set_fails_commits(true);
    let down = keyed(&site, "alice", "down")
        .json(&site.asked())
        .send()
        .await;
    down.refused(503, "recorder-unavailable");
    site.house.store.set_fails_commits(false);
    let up = keyed(&site, "alice", "down")
        .json(&site.asked())
        .send()
        .await;
    assert_eq!(up.status, 201, "{}", up.text());
    site.close().await;
}

#[tokio::test]
async fn what_is_no_key_is_400() {
    let site = Site::new().await;
    for key in ["", "   ", &"x".repeat(256)] {
        let call = keyed(&site, "alice", key).json(&site.asked());
        call.send().await.refused(400, "malformed");
    }
    let twice = keyed(&site, "alice", "a").header("idempotency-key", "b");
    twice
        .json(&site.asked())
        .send()
        .await
        .refused(400, "malformed");
    site.close().await;
}

#[tokio::test]
async fn r20_what_is_kept_for_a_key_opens_no_door() {
    let site = Site::new().await;
    let request = site.approved().await;
    let path = format!(
        "/api/v1/requests/{}/activate",
        request["id"].as_str().unwrap()
    );
    let activate = || {
        site.call(Method::POST, &path)
            .by("alice")
            .header("idempotency-key", "k")
            .json(&json!({}))
    };
    let first = activate().send().await;
    assert_eq!(first.status, 201, "{}", first.text());
    let second = activate().send().await;
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.json(), first.json());
    let digest = hex::encode(sha2::Sha256::digest(b"{}"));
    let now = site.house.clock.says();
    let name = format!("{path}\nk");
    let store = site.house.control.store();
    let kept = store.begin_idempotent("alice@corp.example", &name, &digest, now);
    let Ok(Idempotent::Answered(201, kept)) = kept.await else {
        panic!("nothing was kept");
    };
    assert!(kept.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kept}");
    site.close().await;
}

#[tokio::test]
async fn r18_an_end_with_a_key_waits_for_no_clock() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let path = format!("/api/v1/sessions/{}/end", activated["id"].as_str().unwrap());
    site.house.clock.step_back(HOUR);
    let end = site
        .call(Method::POST, &path)
        .by("alice")
        .header("idempotency-key", "k")
        .json(&json!({}));
    let ended = end.send().await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    let file = keyed(&site, "alice", "f").json(&site.asked());
    file.send().await.refused(503, "clock-untrusted");
    site.house.clock.advance(HOUR);
    site.close().await;
}
