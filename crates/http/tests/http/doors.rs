//! Who gets in, what answers where, and what every answer carries.

use axum::http::Method;
use jiff::SignedDuration;
use locum_login::{How, NewLogin, SeenFrom};
use serde_json::{Value, json};

use crate::site::Site;

const KINDS: [&str; 8] = [
    "requests",
    "sessions",
    "events",
    "reviews",
    "holds",
    "authenticators",
    "enrolments",
    "changes",
];

/// Every operation of the description, with ids put in.
fn operations() -> Vec<(Method, String)> {
    let description: Value = serde_json::to_value(locum_http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let id = "0123456789abcdef0123456789abcdef";
            let prefix = KINDS
                .into_iter()
                .zip([
                    "req_", "ses_", "evt_", "rev_", "hld_", "aut_", "enr_", "chg_",
                ])
                .find(|(kind, _)| path.contains(kind))
                .map_or("", |(_, prefix)| prefix);
            operations.push((
                method,
                path.replace("{id}", &format!("{prefix}{id}"))
                    .replace("{purpose}", "grant"),
            ));
        }
    }
    operations
}

#[tokio::test]
async fn every_endpoint_of_the_api_refuses_strangers_and_they_are_counted() {
    let site = Site::new().await;
    let api: Vec<_> = operations()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/"))
        .collect();
    assert_eq!(
        api.len(),
        79,
        "an endpoint without this test, or a test without its endpoint"
    );
    for (method, path) in &api {
        // Slowly enough for whoever guesses tokens.
        site.house.clock.advance(SignedDuration::from_secs(2));
        let answer = site.call(method.clone(), path).send().await;
        answer.refused(401, "no-credential");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{path}");
        let wrong = site
            .call(method.clone(), path)
            .header("authorization", "Bearer wrong");
        let answer = wrong.send().await;
        answer.refused(401, "unknown-token");
        assert!(answer.header("www-authenticate").contains("invalid_token"));
        let basic = site
            .call(method.clone(), path)
            .header("authorization", "Basic YTpi");
        basic.send().await.refused(401, "not-bearer");
    }
    let before = site.house.history().await.len();
    site.strangers.record(&site.house.control).await;
    let history = site.house.history().await;
    assert_eq!(
        history.len() - before,
        3,
        "one entry for each listener and reason"
    );
    site.close().await;
}

#[tokio::test]
async fn whoever_left_the_catalog_gets_in_no_more() {
    let site = Site::new().await;
    site.get("nobody", "/api/v1/me").await.refused(401, "left");
    site.close().await;
    let site = Site::of(locum_testkit::house::House::builder().files(|files| {
        files.replace(
            "catalog/people.toml",
            "name = \"Arno Ames\"",
            "name = \"Arno Ames\"\nactive = false",
        );
    }))
    .await;
    site.get("arno", "/api/v1/me").await.refused(401, "left");
    assert_eq!(site.refusals().await, ["not-eligible"]);
    site.close().await;
}

#[tokio::test]
async fn a_cookie_reads_and_never_commands() {
    let site = Site::new().await;
    let started = site.login("alice@corp.example");
    let cookie = started.set_cookie.split(';').next().unwrap();
    let me = site
        .call(Method::GET, "/api/v1/me")
        .header("cookie", cookie);
    assert_eq!(me.send().await.status, 200);
    let stop = site
        .call(Method::POST, "/api/v1/requests")
        .header("cookie", cookie)
        .json(&site.asked());
    stop.send().await.refused(401, "cookie");
    assert_eq!(site.refusals().await, ["not-eligible"]);
    site.close().await;
}

#[tokio::test]
async fn r22_whatever_somebody_we_know_is_refused_is_on_the_record_once() {
    let site = Site::new().await;
    for (method, path, status) in [
        (Method::GET, "/api/v1/requests?state=bogus", 400),
        (Method::GET, "/api/v1/sessions?limit=0", 400),
        (Method::GET, "/api/v1/requests?case=a&case=b", 400),
        (Method::GET, "/api/v1/requests/req_%ff", 400),
        (Method::GET, "/api/v1/nothing", 404),
        (Method::DELETE, "/api/v1/requests", 405),
        (
            Method::GET,
            "/api/v1/sessions/ses_0123456789abcdef0123456789abcdef",
            404,
        ),
        (Method::POST, "/api/v1/requests", 422),
    ] {
        let before = site.refusals().await.len();
        let answer = site.call(method, path).by("alice").send().await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(site.refusals().await.len(), before + 1, "{path}");
    }
    // The ledger is public, and looking beyond its end is no event.
    let beyond = site.get("alice", "/ledger/tile/0/x999/999").await;
    assert_eq!(beyond.status, 404);
    assert_eq!(site.refusals().await.len(), 8);
    site.close().await;
}

#[tokio::test]
async fn r22_nobody_we_know_fills_the_record_with_refusals() {
    let site = Site::new().await;
    let mut last = 0;
    for _ in 0..310 {
        last = site.get("alice", "/api/v1/nothing").await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(site.refusals().await.len(), 300);
    site.close().await;
}

#[tokio::test]
async fn an_unknown_address_is_404_and_a_wrong_method_405_with_allow() {
    let site = Site::new().await;
    site.get("alice", "/api/v1/nothing")
        .await
        .refused(404, "not-found");
    site.get("alice", "/api/v1/requests/../../x")
        .await
        .refused(404, "not-found");
    for method in [
        Method::TRACE,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        for (path, allow) in [
            ("/api/v1/requests", "GET,HEAD,POST"),
            ("/api/v1/stop", "POST"),
            ("/oauth2/token", "POST"),
            ("/healthz", "GET,HEAD"),
        ] {
            let answer = site.call(method.clone(), path).by("alice").send().await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
    let answer = site.call(Method::GET, "/api/v1/stop").send().await;
    answer.refused(405, "method-not-allowed");
    site.close().await;
}

#[tokio::test]
async fn a_browser_gets_the_same_refusal_as_a_page() {
    let site = Site::new().await;
    let accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    let answer = site
        .call(
            Method::GET,
            "/api/v1/requests/req_0123456789abcdef0123456789abcdef",
        )
        .by("alice")
        .header("accept", accept)
        .send()
        .await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let page = answer.text();
    assert!(
        page.contains("<code>not-found</code>") && page.matches("<button").count() == 1,
        "{page}"
    );
    let nobody = site
        .call(Method::GET, "/api/v1/me")
        .header("accept", accept);
    let nobody = nobody.send().await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let mut evil = site.asked();
    evil["applications"][0]["application"] = json!("<script>alert(1)</script>");
    let evil = site
        .call(Method::POST, "/api/v1/requests")
        .by("alice")
        .header("accept", accept)
        .json(&evil);
    let page = evil.send().await.text();
    assert!(
        page.contains("&lt;script&gt;") && !page.contains("<script"),
        "{page}"
    );
    site.close().await;
}

#[tokio::test]
async fn every_answer_is_neither_sniffed_nor_framed_nor_kept() {
    let site = Site::new().await;
    for path in [
        "/api/v1/me",
        "/api/v1/nothing",
        "/healthz",
        "/openapi.json",
        "/metrics",
    ] {
        let answer = site.get("alice", path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
    site.close().await;
}

#[tokio::test]
async fn the_description_says_what_every_operation_can_answer() {
    let site = Site::new().await;
    let description = site.call(Method::GET, "/openapi.json").send().await.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert!(description["info"]["contact"]["url"].is_string());
    assert_eq!(
        description["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} names two operations");
            assert!(operation["tags"][0].is_string(), "{method} {path}");
            assert!(operation["description"].is_string(), "{method} {path}");
            let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(is_open, !path.starts_with("/api/"), "{method} {path}");
            if path.starts_with("/api/") {
                for status in ["401", "403", "404", "503"] {
                    let content = &operation["responses"][status]["content"];
                    assert!(
                        content["application/problem+json"].is_object(),
                        "{method} {path}"
                    );
                }
            }
        }
    }
    let request = &description["components"]["schemas"]["RequestBody"];
    assert_eq!(request["additionalProperties"], false);
    site.close().await;
}

#[tokio::test]
async fn health_readiness_and_counters_need_nobody() {
    let site = Site::new().await;
    assert_eq!(site.call(Method::GET, "/healthz").send().await.status, 200);
    assert_eq!(site.call(Method::GET, "/readyz").send().await.status, 200);
    site.activated().await;
    let metrics = site.call(Method::GET, "/metrics").send().await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = metrics.text();
    for line in [
        "locum_live_sessions 1",
        "locum_recorder_available 1",
        "locum_http_answers_total{class=\"2xx\"}",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is missing: {text}");
    }
    site.house.journal.set_unavailable(true);
    let answer = site.call(Method::GET, "/readyz").send().await;
    answer.refused(503, "not-ready");
    assert!(!answer.header("retry-after").is_empty());
    site.house.journal.set_unavailable(false);
    site.close().await;
}

#[tokio::test]
async fn r33_a_founders_link_opens_nothing_of_the_api() {
    let site = Site::new().await;
    let sam = "sam@corp.example".parse().unwrap();
    let login = NewLogin::new(sam, How::FoundingLink, SeenFrom::default());
    let started = site.logins.begin(login).unwrap();
    let cookie = started.set_cookie.split(';').next().unwrap();
    for path in [
        "me",
        "requests",
        "authenticators",
        "events",
        "ledger/verify",
    ] {
        let call = site.call(Method::GET, &format!("/api/v1/{path}"));
        let answer = call.header("cookie", cookie).send().await;
        answer.refused(401, "founding-link");
    }
    site.close().await;
}
