//! The feed, the story of an access event, its evidence, and the record checked again.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn the_feed_has_every_position_and_hides_what_is_not_ones_own() {
    let site = Site::new().await;
    site.filed().await;
    let all = site.get("sam", "/api/v1/events").await;
    let feed = all.json();
    let items = feed["items"].as_array().unwrap();
    for (position, item) in items.iter().enumerate() {
        assert_eq!(item["position"], position);
        assert!(item["event"].is_object());
    }
    assert_eq!(feed["next"], (items.len() - 1).to_string());
    let first = site.get("sam", "/api/v1/events?limit=1").await;
    assert_eq!(first.json()["next"], "0");
    assert_eq!(
        first.header("link"),
        "</api/v1/events?limit=1&after=0>; rel=\"next\""
    );
    let rest = site.get("sam", "/api/v1/events?after=0").await.json();
    assert_eq!(rest["items"], json!(items[1..]));
    let others = site.get("arno", "/api/v1/events").await.json();
    let filed = others["items"].as_array().unwrap().iter();
    let filed = filed
        .rev()
        .find(|item| item["kind"] == "request-filed")
        .unwrap();
    assert!(
        filed.get("event").is_none() && filed.get("stream").is_none(),
        "{filed}"
    );
    for query in [
        "after=-1",
        "after=9223372036854775808",
        "wait=31",
        "limit=0",
        "limit=1001",
    ] {
        let path = format!("/api/v1/events?{query}");
        site.get("sam", &path).await.refused(400, "malformed");
    }
    site.close().await;
}

#[tokio::test]
async fn whoever_waits_at_the_end_of_the_feed_hears_at_once() {
    let site = Site::new().await;
    let last = site.house.history().await.len() - 1;
    let path = format!("/api/v1/events?after={last}&wait=20");
    let began = Instant::now();
    let (feed, _) = tokio::join!(site.get("sam", &path), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        site.filed().await
    });
    let items = feed.json()["items"].as_array().unwrap().clone();
    assert!(items.iter().any(|it| it["kind"] == "request-filed"));
    assert!(began.elapsed() < Duration::from_secs(10));
    let last = site.house.history().await.len() - 1;
    let empty = site
        .get("sam", &format!("/api/v1/events?after={last}&wait=0"))
        .await
        .json();
    assert_eq!(
        (&empty["items"], &empty["next"]),
        (&json!([]), &json!(last.to_string()))
    );
    site.close().await;
}

#[tokio::test]
async fn r23_the_access_event_is_told_whole_and_its_evidence_is_a_zip() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let path = format!("/api/v1/events/{}", activated["event"].as_str().unwrap());
    let story = site.get("alice", &path).await;
    assert_eq!(story.status, 200, "{}", story.text());
    assert!(story.text().contains("alice@corp.example"));
    let pack = site.get("alice", &format!("{path}/evidence")).await;
    assert_eq!(pack.status, 200, "{}", pack.text());
    assert_eq!(pack.header("content-type"), "application/zip");
    assert!(
        pack.header("content-disposition")
            .contains(activated["event"].as_str().unwrap())
    );
    assert!(pack.body.starts_with(b"PK"));
    for path in [path.clone(), format!("{path}/evidence")] {
        site.get("arno", &path).await.refused(404, "not-found");
    }
    site.close().await;
}

#[tokio::test]
async fn r24_an_auditor_takes_the_evidence_of_a_period_as_it_is_made() {
    let site = Site::new().await;
    site.activated().await;
    let path = "/api/v1/evidence?from=1970-01-01T00:00:00Z&to=2099-01-01T00:00:00Z";
    let file = site.get("audrey", path).await;
    assert_eq!(file.status, 200, "{}", file.text());
    assert_eq!(file.header("content-type"), "application/zip");
    let text = String::from_utf8_lossy(&file.body);
    assert!(text.starts_with("PK") && text.contains("locum-population/1"));
    assert!(text.contains("\"filed\": 1,"), "one event was filed");
    for nobody in ["arno", "sam"] {
        site.get(nobody, path).await.refused(403, "not-eligible");
    }
    for wrong in [
        "",
        "?from=1970-01-01T00:00:00Z",
        "?from=today&to=2099-01-01T00:00:00Z",
        "?from=2099-01-01T00:00:00Z&to=2099-01-01T00:00:00Z",
        "?from=1970-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&application=*",
    ] {
        let answer = site
            .get("audrey", &format!("/api/v1/evidence{wrong}"))
            .await;
        answer.refused(400, "malformed");
    }
    site.close().await;
}

#[tokio::test]
async fn the_record_is_checked_by_security_and_auditors_and_the_look_is_on_it() {
    let site = Site::new().await;
    site.activated().await;
    site.get("alice", "/api/v1/ledger/verify")
        .await
        .refused(403, "not-eligible");
    let state = site.get("audrey", "/api/v1/ledger/verify").await.json();
    assert_eq!(state["is_consistent"], true, "{state}");
    let history = site.house.history().await;
    assert_eq!(history.last().unwrap().event.kind(), "evidence-read");
    assert_eq!(state["entries"], history.len());
    site.close().await;
}
