//! Sessions, the kill switch and reviews over HTTP.

use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn a_session_is_opened_again_by_its_actor_and_ended() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let path = format!("/api/v1/sessions/{}", activated["id"].as_str().unwrap());
    let live = site
        .get("alice", "/api/v1/sessions?state=live")
        .await
        .json();
    assert_eq!(live["items"][0]["id"], activated["id"]);
    assert_eq!(live["items"][0]["applications"][0]["state"], "live");

    let open = format!("{path}/open");
    let way = site
        .post("alice", &open, json!({"application": "billing"}))
        .await;
    assert_eq!(way.status, 200, "{}", way.text());
    assert_ne!(
        way.json()["open_url"],
        activated["applications"][0]["open_url"]
    );
    let other = site
        .post("alice", &open, json!({"application": "crm"}))
        .await;
    other.refused(403, "wrong-application");
    site.post("alice", &open, json!({"application": "*"}))
        .await
        .refused(422, "wildcard");
    let approver = site
        .post("oscar", &open, json!({"application": "billing"}))
        .await;
    approver.refused(403, "not-eligible");

    site.post("arno", &format!("{path}/end"), json!({}))
        .await
        .refused(404, "not-found");
    let ended = site.post("alice", &format!("{path}/end"), json!({})).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(ended.json()["ended_because"], "ended-by-actor");
    let late = site
        .post("alice", &open, json!({"application": "billing"}))
        .await;
    late.refused(401, "session-ended");
    assert_eq!(
        late.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
    assert_eq!(
        site.get("alice", "/api/v1/sessions?state=ended")
            .await
            .json()["items"][0]["id"],
        activated["id"]
    );
    assert_eq!(site.get("alice", &path).await.json()["state"], "ended");
    site.close().await;
}

#[tokio::test]
async fn one_person_stops_and_a_second_lifts() {
    let site = Site::new().await;
    let activated = site.activated().await;
    site.post("alice", "/api/v1/stop", json!({"all": true}))
        .await
        .refused(403, "not-an-approver");
    site.post("sam", "/api/v1/stop", json!({}))
        .await
        .refused(422, "malformed");
    let both = json!({"all": true, "actor": "alice@corp.example"});
    site.post("sam", "/api/v1/stop", both)
        .await
        .refused(422, "malformed");
    let stopped = site
        .post("sam", "/api/v1/stop", json!({"application": "billing"}))
        .await;
    assert_eq!(stopped.status, 200, "{}", stopped.text());
    assert_eq!(stopped.json()["ended"], json!([activated["id"]]));
    site.post("alice", "/api/v1/requests", site.asked())
        .await
        .refused(403, "held");
    let holds = site.get("alice", "/api/v1/holds").await.json();
    let hold = holds["items"][0]["id"].as_str().unwrap();
    let lift = format!("/api/v1/holds/{hold}/lift");
    site.post("sam", &lift, json!({}))
        .await
        .refused(403, "second-person-required");
    let lifted = site.post("sven", &lift, json!({})).await;
    assert_eq!(
        lifted.json()["lifted_by"],
        "sven@corp.example",
        "{}",
        lifted.text()
    );
    site.post("sven", &lift, json!({}))
        .await
        .refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn r27_a_named_person_reviews_afterwards() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let end = format!("/api/v1/sessions/{}/end", activated["id"].as_str().unwrap());
    assert_eq!(site.post("alice", &end, json!({})).await.status, 200);
    let open = site.get("sam", "/api/v1/reviews?state=open").await.json();
    let review = &open["items"][0];
    let path = format!("/api/v1/reviews/{}", review["id"].as_str().unwrap());
    assert_eq!(site.get("sam", &path).await.json(), *review);
    let complete = format!("{path}/complete");
    let reviewer = review["reviewer"].as_str().unwrap();
    let odd = json!({"finding": "fine", "note": "She did what she had said."});
    assert_eq!(
        site.post(reviewer, &complete, odd)
            .await
            .refused(422, "malformed")["pointer"],
        "/finding"
    );
    let finding = json!({"finding": "justified", "note": "She did what she had said."});
    let own = site.post("alice", &complete, finding.clone()).await;
    own.refused(403, "conflict-of-interest");
    let done = site.post(reviewer, &complete, finding.clone()).await;
    assert_eq!(done.json()["state"], "completed", "{}", done.text());
    site.post(reviewer, &complete, finding)
        .await
        .refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn a_session_is_lengthened_by_a_new_request() {
    let site = Site::new().await;
    let activated = site.activated().await;
    let listed = site
        .get("alice", "/api/v1/requests?state=activated")
        .await
        .json();
    let extend = format!(
        "/api/v1/requests/{}/extend",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let body = json!({"duration_minutes": 10, "reason": "The invoice of July is missing as well"});
    let extension = site.post("alice", &extend, body).await;
    assert_eq!(extension.status, 201, "{}", extension.text());
    assert_eq!(extension.json()["extends"], activated["id"]);
    let long = json!({"duration_minutes": 31, "reason": "The invoice of July is missing as well"});
    site.post("alice", &extend, long)
        .await
        .refused(422, "duration-too-long");
    site.close().await;
}
