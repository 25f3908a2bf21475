//! What is sent: syntax, shape, size, and words that name nothing.

use axum::http::Method;
use serde_json::{Value, json};

use crate::site::Site;

/// What is done to a good body.
type Change = &'static dyn Fn(&mut Value);

const REQUESTS: &str = "/api/v1/requests";

#[tokio::test]
async fn broken_json_is_400_and_another_shape_422_with_its_place() {
    let site = Site::new().await;
    let post = |body: &'static str| site.call(Method::POST, REQUESTS).by("alice").body(body);
    post("{\"case\": ").send().await.refused(400, "malformed");
    post("nonsense").send().await.refused(400, "malformed");
    let shapes: [(Change, &str); 12] = [
        (&|it| it["case"] = json!(31), "/case"),
        (&|it| it["case"] = json!("desk:../7"), "/case"),
        (&|it| it["colour"] = json!("red"), "/colour"),
        (&|it| it["duration_minutes"] = json!(0), "/duration_minutes"),
        (
            &|it| it["duration_minutes"] = json!("30"),
            "/duration_minutes",
        ),
        (
            &|it| drop(it.as_object_mut().unwrap().remove("duration_minutes")),
            "/duration_minutes",
        ),
        (&|it| it["applications"] = json!([]), "/applications"),
        (
            &|it| it["applications"][0]["operations"] = json!([]),
            "/applications/0/operations",
        ),
        (
            &|it| it["applications"][0]["more"] = json!(1),
            "/applications/0/more",
        ),
        (&|it| it["subject"] = json!(""), "/subject"),
        (&|it| it["actor"] = json!(" x"), "/actor"),
        (&|it| *it = json!([]), ""),
    ];
    for (change, pointer) in shapes {
        let mut body = site.asked();
        change(&mut body);
        let answer = site.post("alice", REQUESTS, body).await;
        assert_eq!(answer.refused(422, "malformed")["pointer"], pointer);
    }
    let recorded = site.refusals().await;
    assert_eq!(
        recorded.iter().filter(|code| *code == "malformed").count(),
        14
    );
    site.close().await;
}

#[tokio::test]
async fn r01_everything_at_once_cannot_be_asked_for() {
    let site = Site::new().await;
    let cases: [(Change, &str, &str); 4] = [
        (
            &|it| it["applications"][0]["application"] = json!("*"),
            "wildcard",
            "/applications/0/application",
        ),
        (
            &|it| it["applications"][0]["operations"] = json!(["*"]),
            "wildcard",
            "/applications/0/operations/0",
        ),
        (
            &|it| it["applications"][0]["application"] = json!("cranes"),
            "unknown-application",
            "/applications/0/application",
        ),
        (
            &|it| it["applications"][0]["operations"][0] = json!("steal"),
            "unknown-operation",
            "/applications/0/operations/0",
        ),
    ];
    for path in [REQUESTS, "/api/v1/requests/preview"] {
        for (change, code, pointer) in cases {
            let mut body = site.asked();
            change(&mut body);
            let problem = site.post("alice", path, body).await.refused(422, code);
            assert_eq!(problem["pointer"], pointer);
            assert!(problem["remedy"].is_string());
        }
    }
    site.close().await;
}

#[tokio::test]
async fn a_body_of_more_than_256_kib_is_413() {
    let site = Site::new().await;
    for size in [257 << 10, 4 << 20] {
        let big = format!("\"{}\"", "x".repeat(size));
        let call = site.call(Method::POST, REQUESTS).by("alice").body(big);
        call.send().await.refused(413, "too-large");
    }
    let hook = site
        .call(Method::POST, "/hooks/desk")
        .body("x".repeat(300 << 10));
    hook.send().await.refused(413, "too-large");
    site.close().await;
}

#[tokio::test]
async fn json_without_a_name_is_taken_and_a_form_is_not() {
    let site = Site::new().await;
    let body = site.asked().to_string();
    let bare = site
        .call(Method::POST, REQUESTS)
        .by("alice")
        .body(body.clone());
    assert_eq!(bare.send().await.status, 201);
    let form = site
        .call(Method::POST, REQUESTS)
        .by("alice")
        .header("content-type", "text/plain")
        .body(body);
    form.send().await.refused(415, "malformed");
    site.close().await;
}

#[tokio::test]
async fn verbs_that_need_no_words_take_none() {
    let site = Site::new().await;
    let id = site.filed().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/requests/{id}/withdraw");
    let odd = site.post("alice", &path, json!({"why": "x"})).await;
    assert_eq!(odd.refused(422, "malformed")["pointer"], "/why");
    let empty = site.call(Method::POST, &path).by("alice").send().await;
    assert_eq!(empty.status, 200, "{}", empty.text());
    assert_eq!(empty.json()["state"], "withdrawn");
    site.close().await;
}

#[tokio::test]
async fn refusals_of_policy_and_case_come_with_their_status() {
    let site = Site::new().await;
    let cases: [(Change, u16, &str); 7] = [
        (&|it| it["reason"] = json!("help"), 422, "reason-missing"),
        (
            &|it| it["applications"][0]["operations"] = json!(["payout.create"]),
            403,
            "closed-operation",
        ),
        (
            &|it| it["duration_minutes"] = json!(600),
            422,
            "duration-too-long",
        ),
        (
            &|it| it["subject"] = json!("dora@acme.example"),
            403,
            "case-mismatch",
        ),
        (&|it| it["case"] = json!("desk:9"), 403, "not-the-assignee"),
        (&|it| it["case"] = json!("desk:999"), 403, "case-not-open"),
        (&|it| it["case"] = json!("jetty:1"), 403, "case-not-open"),
    ];
    for (change, status, code) in cases {
        let mut body = site.asked();
        change(&mut body);
        site.post("alice", REQUESTS, body)
            .await
            .refused(status, code);
        assert_eq!(site.refusals().await.last().unwrap(), code);
    }
    site.post("oscar", REQUESTS, site.asked())
        .await
        .refused(403, "not-eligible");
    site.house.desk.set_unreachable(true);
    site.post("alice", REQUESTS, site.asked())
        .await
        .refused(403, "case-unreachable");
    site.house.desk.set_unreachable(false);
    site.house.store.set_fails_commits(true);
    let answer = site.post("alice", REQUESTS, site.asked()).await;
    answer.refused(503, "recorder-unavailable");
    assert!(!answer.header("retry-after").is_empty());
    site.house.store.set_fails_commits(false);
    site.close().await;
}

#[tokio::test]
async fn budgets_are_429() {
    use locum_control::Budgets;
    use locum_testkit::house::House;
    let site = Site::of(House::builder().budgets(Budgets {
        open_requests: 1,
        live_sessions: 2,
        subjects_per_day: 1,
    }))
    .await;
    site.filed().await;
    let again = site.post("alice", REQUESTS, site.asked()).await;
    again.refused(429, "too-many-open");
    let mut other = site.asked();
    other["case"] = json!("desk:8");
    let other = site.post("alice", REQUESTS, other).await;
    other.refused(429, "budget-spent");
    site.close().await;
}

#[tokio::test]
async fn a_clock_that_stepped_back_is_503() {
    let site = Site::new().await;
    site.filed().await;
    site.house
        .clock
        .step_back(jiff::SignedDuration::from_hours(1));
    let answer = site.post("alice", REQUESTS, site.asked()).await;
    answer.refused(503, "clock-untrusted");
    site.house.clock.advance_minutes(61);
    site.close().await;
}
