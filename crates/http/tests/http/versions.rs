//! Whole versions are larger than other bodies, at two addresses and no others.

use axum::http::Method;
use serde_json::{Value, json};

use crate::changing::{CHANGES, replacing};
use crate::site::Site;

const PREVIEW: &str = "/api/v1/changes/preview";
const RULES: &str = "policies/house.cedar";

/// What is in force, with so many bytes of comment in a policy.
async fn with_comment(site: &Site, bytes: usize) -> Value {
    let first = "// The operator's own rules";
    let long = format!("// {}\n{first}", "long ".repeat(bytes / 5));
    replacing(site, RULES, first, &long).await
}

#[tokio::test]
async fn r33_a_version_of_more_than_256_kib_is_taken_where_versions_are() {
    let site = Site::new().await;
    let body = with_comment(&site, 300 * 1024).await;
    let previewed = site.post("sam", PREVIEW, body.clone()).await;
    assert_eq!(previewed.status, 200, "{}", previewed.text());
    let applied = site.post("sam", CHANGES, body.clone()).await;
    assert_eq!(applied.status, 201, "{}", applied.text());
    let shown = site.get("sam", applied.header("location")).await.json();
    assert!(shown["files"][RULES].as_str().unwrap().len() > 300 * 1024);
    for elsewhere in [
        "/api/v1/requests",
        "/api/v1/requests/preview",
        "/api/v1/delegations/confirm",
        "/api/v1/changes/chg_0/confirm",
    ] {
        let answer = site.post("sam", elsewhere, body.clone()).await;
        let problem = answer.refused(413, "too-large");
        assert_eq!(
            problem["detail"], "a body has at most 256 KiB here",
            "{elsewhere}"
        );
    }
    site.close().await;
}

#[tokio::test]
async fn r33_a_version_has_its_own_limits_and_says_which() {
    let site = Site::new().await;
    // Read, and then refused in words: more than is kept for ever.
    let body = with_comment(&site, 5 * 1024 * 1024).await;
    let problem = site.post("sam", CHANGES, body).await;
    assert_eq!(problem.refused(422, "malformed")["pointer"], "/files");
    // Never read as words at all.
    let body = with_comment(&site, 9 * 1024 * 1024).await;
    for address in [CHANGES, PREVIEW] {
        let answer = site.post("sam", address, body.clone()).await;
        let problem = answer.refused(413, "too-large");
        assert_eq!(problem["detail"], "a body has at most 8192 KiB here");
        let nobody = site.call(Method::POST, address).json(&body).send().await;
        nobody.refused(401, "no-credential");
    }
    site.close().await;
}

#[tokio::test]
async fn r33_an_answer_that_is_too_large_to_keep_is_given_all_the_same() {
    let site = Site::new().await;
    let first = "// The operator's own rules";
    // Every line feed of it takes two characters in the answer, where it stands in the plan.
    let lines = "//\n".repeat(1_250_000);
    let rule = format!(
        "@id(\"nobody-for-nothing\")\nforbid (principal, action == Locum::Action::\"file\", resource)\nwhen {{\n{lines}false }};\n{first}"
    );
    let body = replacing(&site, RULES, first, &rule).await;
    let call = site.call(Method::POST, CHANGES).by("sam");
    let proposed = call.header("idempotency-key", "once").json(&body).send();
    let proposed = proposed.await;
    assert_eq!(proposed.status, 201, "{}", proposed.text());
    assert!(proposed.body.len() > 4 * 1024 * 1024);
    assert_eq!(proposed.json()["state"], json!("applied"));
    site.close().await;
}
