//! Asking and deciding over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use crate::site::Site;

fn path(request: &Value, verb: &str) -> String {
    format!("/api/v1/requests/{}{verb}", request["id"].as_str().unwrap())
}

fn digest(request: &Value) -> Value {
    json!({"scope_digest": request["scope_digest"]})
}

#[tokio::test]
async fn a_request_is_previewed_filed_approved_and_activated() {
    let site = Site::new().await;
    let preview = site
        .post("alice", "/api/v1/requests/preview", site.asked())
        .await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    assert_eq!(preview.json()["subject"], "carla@acme.example");
    assert!(
        site.get("alice", "/api/v1/requests").await.json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let answer = site.post("alice", "/api/v1/requests", site.asked()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let request = answer.json();
    assert_eq!(answer.header("location"), path(&request, ""));
    assert!(answer.header("etag").starts_with('"'));
    assert_eq!(request["state"], "pending");
    assert_eq!(request["scope_digest"].as_str().unwrap().len(), 64);
    assert_eq!(preview.json()["route"], request["route"]);
    assert_eq!(site.get("alice", &path(&request, "")).await.json(), request);

    let activated = site
        .post("alice", &path(&request, "/activate"), json!({}))
        .await;
    activated.refused(403, "missing-approval");
    let mut request = request;
    for approver in ["oscar", "prya"] {
        let answer = site
            .post(approver, &path(&request, "/approve"), digest(&request))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        request = answer.json();
    }
    assert_eq!(request["state"], "approved");
    assert!(request["activate_by"].is_string());
    let activated = site
        .call(Method::POST, &path(&request, "/activate"))
        .by("alice")
        .send()
        .await;
    assert_eq!(activated.status, 201, "{}", activated.text());
    let session = activated.json();
    assert!(session["id"].as_str().unwrap().starts_with("ses_"));
    assert!(
        session["applications"][0]["open_url"]
            .as_str()
            .unwrap()
            .contains("billing")
    );
    let again = site
        .post("alice", &path(&request, "/activate"), json!({}))
        .await;
    again.refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn r05_nobody_approves_for_themselves() {
    let site = Site::new().await;
    let request = site.filed().await;
    let own = site
        .post("alice", &path(&request, "/approve"), digest(&request))
        .await;
    own.refused(403, "self-approval");
    let other = site
        .post("petra", &path(&request, "/approve"), digest(&request))
        .await;
    other.refused(403, "not-an-approver");
    let recorded = site.refusals().await;
    assert_eq!(recorded, ["self-approval", "not-an-approver"]);
    site.close().await;
}

#[tokio::test]
async fn r13_an_approval_names_exactly_what_was_shown_and_is_given_once() {
    let site = Site::new().await;
    let request = site.filed().await;
    let approve = path(&request, "/approve");
    let stale = json!({"scope_digest": "0".repeat(64)});
    site.post("oscar", &approve, stale)
        .await
        .refused(409, "stale-approval");
    let bare = site.post("oscar", &approve, json!({})).await;
    assert_eq!(bare.refused(422, "malformed")["pointer"], "/scope_digest");
    assert_eq!(
        site.post("oscar", &approve, digest(&request)).await.status,
        200
    );
    site.post("oscar", &approve, digest(&request))
        .await
        .refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn a_decision_on_an_old_copy_is_412_when_it_says_so() {
    let site = Site::new().await;
    let request = site.filed().await;
    let tag = site
        .get("oscar", &path(&request, ""))
        .await
        .header("etag")
        .to_owned();
    let approve = |tag: &str| {
        site.call(Method::POST, &path(&request, "/approve"))
            .by("oscar")
            .header("if-match", tag)
            .json(&digest(&request))
    };
    let asked = json!({"question": "Which of her invoices do you need?"});
    let asked = site.post("prya", &path(&request, "/ask"), asked).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    approve(&tag).send().await.refused(412, "conflict");
    approve("\"other\", W/\"x\"")
        .send()
        .await
        .refused(412, "conflict");
    let fresh = asked.header("etag").to_owned();
    assert_eq!(approve(&fresh).send().await.status, 200);
    let any = site
        .call(Method::POST, &path(&request, "/withdraw"))
        .by("alice");
    assert_eq!(any.header("if-match", "*").send().await.status, 200);
    site.close().await;
}

#[tokio::test]
async fn an_old_copy_is_told_only_to_whoever_could_go_on() {
    let site = Site::new().await;
    let request = site.filed().await;
    let verb = |person: &str, verb: &str, body: Value| {
        site.call(Method::POST, &path(&request, verb))
            .by(person)
            .header("if-match", "\"old\"")
            .json(&body)
    };
    let approve = |person: &str| verb(person, "/approve", digest(&request));
    approve("alice").send().await.refused(403, "self-approval");
    approve("arno").send().await.refused(403, "not-an-approver");
    let stale = json!({"scope_digest": "0".repeat(64)});
    let stale = verb("oscar", "/approve", stale).send().await;
    stale.refused(409, "stale-approval");
    approve("oscar").send().await.refused(412, "conflict");
    let withdraw = |person: &str| verb(person, "/withdraw", json!({}));
    withdraw("arno").send().await.refused(404, "not-found");
    withdraw("audrey")
        .send()
        .await
        .refused(403, "not-an-approver");
    withdraw("alice").send().await.refused(412, "conflict");
    let unchanged = site.get("alice", &path(&request, "")).await.json();
    assert_eq!(unchanged["state"], "pending");
    assert_eq!(withdraw_now(&site, &request).await, 200);
    withdraw("alice")
        .send()
        .await
        .refused(409, "already-decided");
    site.close().await;
}

async fn withdraw_now(site: &Site, request: &Value) -> u16 {
    let tag = site.get("alice", &path(request, "")).await;
    let withdraw = site
        .call(Method::POST, &path(request, "/withdraw"))
        .by("alice")
        .header("if-match", tag.header("etag"))
        .json(&json!({}));
    withdraw.send().await.status
}

#[tokio::test]
async fn questions_are_answered_and_a_denial_has_its_reason() {
    let site = Site::new().await;
    let request = site.filed().await;
    let asked = json!({"question": "Which of her invoices do you need?"});
    let answer = site.post("oscar", &path(&request, "/ask"), asked).await;
    assert_eq!(answer.json()["questions"][0]["by"], "oscar@corp.example");
    let answered = json!({"answer": "The one of August, she cannot open it."});
    let answer = site
        .post("alice", &path(&request, "/answer"), answered)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["questions"][0]["answer"].is_string());
    let bare = site
        .post("oscar", &path(&request, "/deny"), json!({"reason": ""}))
        .await;
    bare.refused(422, "reason-missing");
    let reason = json!({"reason": "Carla has opened it by now, she says"});
    let denied = site.post("oscar", &path(&request, "/deny"), reason).await;
    assert_eq!(denied.json()["state"], "denied", "{}", denied.text());
    let late = site
        .post("prya", &path(&request, "/approve"), digest(&request))
        .await;
    late.refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn an_offer_narrows_and_the_requester_takes_it() {
    let site = Site::new().await;
    let request = site.filed().await;
    let zero = json!({"duration_minutes": 0, "note": "shorter"});
    let zero = site.post("oscar", &path(&request, "/offer"), zero).await;
    assert_eq!(
        zero.refused(422, "malformed")["pointer"],
        "/duration_minutes"
    );
    let offer = json!({"duration_minutes": 10, "note": "ten minutes must do"});
    let offered = site.post("oscar", &path(&request, "/offer"), offer).await;
    assert_eq!(offered.json()["state"], "offered", "{}", offered.text());
    let taken = json!({"scope_digest": offered.json()["offer"]["scope_digest"]});
    let wrong = site
        .post("alice", &path(&request, "/accept"), digest(&request))
        .await;
    wrong.refused(409, "stale-approval");
    let accepted = site.post("alice", &path(&request, "/accept"), taken).await;
    assert_eq!(
        accepted.json()["duration_minutes"],
        10,
        "{}",
        accepted.text()
    );
    assert_eq!(accepted.json()["version"], 2);
    site.close().await;
}

#[tokio::test]
async fn what_one_may_not_see_is_not_there_and_the_look_is_on_the_record() {
    let site = Site::new().await;
    let request = site.filed().await;
    site.get("arno", &path(&request, ""))
        .await
        .refused(404, "not-found");
    site.post("arno", &path(&request, "/withdraw"), json!({}))
        .await
        .refused(404, "not-found");
    site.get("alice", "/api/v1/requests/req_1")
        .await
        .refused(404, "not-found");
    site.get("alice", "/api/v1/requests/%ff")
        .await
        .refused(400, "malformed");
    assert_eq!(
        site.refusals().await,
        ["not-found", "not-found", "not-found", "malformed"]
    );
    assert_eq!(site.get("audrey", &path(&request, "")).await.status, 200);
    let kinds: Vec<&str> = site
        .house
        .history()
        .await
        .iter()
        .map(|it| it.event.kind())
        .collect();
    assert_eq!(*kinds.last().unwrap(), "evidence-read");
    site.close().await;
}

#[tokio::test]
async fn an_approval_without_its_signature_is_401_and_says_what_is_missing() {
    let site = Site::of(locum_testkit::house::House::builder().signature_demanded()).await;
    let request = site.filed().await;
    let bare = site
        .post("oscar", &path(&request, "/approve"), digest(&request))
        .await;
    bare.refused(401, "signature-required");
    let challenge = bare.header("www-authenticate");
    assert_eq!(
        challenge,
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"phr\""
    );
    site.close().await;
}

#[tokio::test]
async fn a_request_that_nobody_decided_in_time_is_409() {
    let site = Site::new().await;
    let request = site.filed().await;
    site.house.clock.advance_minutes(8 * 60);
    let late = site
        .post("oscar", &path(&request, "/approve"), digest(&request))
        .await;
    late.refused(409, "lapsed");
    site.close().await;
}
