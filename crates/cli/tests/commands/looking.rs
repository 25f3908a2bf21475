//! Looking at one thing, and at lists.

use serde_json::json;

use crate::scripted::{Scripted, locum};
use crate::views::{DIGEST, ok, request, session};

#[tokio::test]
async fn a_list_says_where_the_next_page_begins() {
    let page = json!({ "items": [request("pending")], "next": "req_1" });
    let server = Scripted::new([ok(&page), ok(&json!({ "items": [] })), ok(&page)]);
    let told = locum(&["--url", &server.url, "list", "requests", "--limit", "1"]).await;
    let expected = " REQUEST  STATE    ACTOR  SUBJECT  CASE    APPLICATIONS
 req_1    pending  ann    carol    desk:7  billing

more: --cursor req_1
";
    assert_eq!(told.text, expected);
    let told = locum(&[
        "--url",
        &server.url,
        "list",
        "requests",
        "--cursor",
        "req_1",
    ])
    .await;
    assert_eq!(told.text, "nothing here; `locum request` files one\n");
    let told = locum(&["--url", &server.url, "--json", "list", "requests"]).await;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&told.text).unwrap()["next"],
        "req_1"
    );
    let heard = server.heard();
    assert_eq!(heard[0].line, "GET /api/v1/requests?limit=1");
    assert_eq!(heard[1].line, "GET /api/v1/requests?limit=50&cursor=req_1");
}

#[tokio::test]
async fn a_request_is_shown_with_the_digest_that_an_approval_names() {
    let server = Scripted::new([ok(&request("pending"))]);
    let told = locum(&["--url", &server.url, "show", "req_1"]).await;
    assert!(
        told.text
            .lines()
            .any(|line| line == format!("digest {DIGEST}")),
        "{}",
        told.text
    );
}

#[tokio::test]
async fn a_session_is_shown_with_its_operations_and_the_ways_in_and_out() {
    let server = Scripted::new([ok(&session())]);
    let told = locum(&["--url", &server.url, "show", "ses_1"]).await;
    let expected = "ses_1  live
ann acts as carol for desk:7
since 2026-03-02T11:30:00Z, at the latest until 2026-03-02T12:00:00Z
request req_1, access event evt_1

 APPLICATION  STATE  AS    OPERATIONS
 billing      live   4711  invoice.read, invoice.resend
 crm          ended  c-9   contact.read

open it with: locum open ses_1 billing
end it with:  locum end ses_1
";
    assert_eq!(told.text, expected);
}
