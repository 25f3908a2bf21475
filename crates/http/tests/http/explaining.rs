//! Explanations over HTTP: the policies, the facts, and what would have to change.

use serde_json::{Value, json};

use crate::site::Site;

fn named<'v>(items: &'v Value, key: &str, name: &str) -> &'v Value {
    let mut items = items.as_array().unwrap().iter();
    items
        .find(|it| it[key] == name)
        .unwrap_or_else(|| panic!("nothing has {key} {name}"))
}

fn id(view: &Value) -> &str {
    view["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_request_is_explained_by_rules_facts_and_ways_out() {
    let site = Site::new().await;
    let request = site.filed().await;
    let path = format!("/api/v1/requests/{}/explain", id(&request));
    let explained = site.get("alice", &path).await;
    assert_eq!(explained.status, 200, "{}", explained.text());
    let explained = explained.json();
    assert_eq!(explained["state"], "pending");
    let filed = &explained["decided"][0];
    assert_eq!(filed["kind"], "request-filed");
    assert!(filed["position"].is_u64());
    assert_eq!(
        filed["rules"],
        json!(["guard-owner-decides", "guard-two-people"])
    );
    let second = "the approval of `security-or-privacy-or-compliance`";
    let demanded = named(&filed["questions"], "about", second);
    assert_eq!(demanded["verdict"], "demanded");
    let rule = &demanded["rules"][0];
    assert_eq!(rule["id"], "guard-two-people");
    assert_eq!(rule["written_by"], "locum");
    assert_eq!(rule["row"], "R09");
    assert!(rule["text"].as_str().unwrap().contains("forbid"));
    let fact = named(&rule["facts"], "path", "context.two_people");
    assert_eq!(
        (&fact["of"], &fact["is"]),
        (&"the need of two people".into(), &"yes".into())
    );
    assert_eq!(
        rule["changes"],
        json!(["the need of two people would have to be no"])
    );
    let people = &explained["today"]["people"];
    assert_eq!(
        named(people, "person", "oscar@corp.example")["may_decide"],
        json!([{"authority": "application-owner", "application": "billing"}])
    );
    let own = &named(people, "person", "alice@corp.example")["refusal"];
    assert_eq!(
        (&own["code"], &own["rule"]),
        (&"self-approval".into(), &"guard-self-approval".into())
    );
    assert_eq!(own["remedy"], "somebody else must decide");
    let told = site
        .get("oscar", &format!("{path}?as=alice@corp.example"))
        .await;
    assert_eq!(told.status, 200, "{}", told.text());
    site.get("oscar", &format!("{path}?as=%20"))
        .await
        .refused(400, "malformed");
    site.close().await;
}

#[tokio::test]
async fn ones_own_refusals_say_what_helps_in_the_words_of_the_rule() {
    let site = Site::new().await;
    let mut long = site.asked();
    long["duration_minutes"] = json!(500);
    let refused = site.post("alice", "/api/v1/requests", long).await;
    refused.refused(422, "duration-too-long");
    let problem = refused.json();
    let own = site.get("alice", "/api/v1/refusals?limit=1").await.json();
    let first = &own["items"][0];
    assert_eq!(first["act"], "file");
    assert_eq!(first["rule"]["id"], problem["rule"]);
    assert_eq!(first["refusal"]["remedy"], problem["remedy"]);
    let minutes = named(&first["rule"]["facts"], "path", "context.duration_minutes");
    assert_eq!(minutes["is"], "500");
    let path = format!("/api/v1/refusals/{}", first["position"]);
    assert_eq!(site.get("alice", &path).await.json(), *first);
    site.get("arno", &path).await.refused(404, "not-found");
    site.get("alice", "/api/v1/refusals/x")
        .await
        .refused(404, "not-found");
    site.get("alice", "/api/v1/refusals?limit=0")
        .await
        .refused(400, "malformed");
    site.close().await;
}

#[tokio::test]
async fn a_session_without_refusals_has_none_to_explain() {
    let site = Site::new().await;
    let session = site.activated().await;
    let path = format!("/api/v1/sessions/{}/explain", id(&session));
    let uses = site.get("alice", &path).await.json();
    assert_eq!(uses["items"], json!([]));
    site.close().await;
}
