//! What an application accepted, compared over the API.

use serde_json::json;

use crate::site::Site;

const BILLING: &str = "/api/v1/applications/billing/reconcile";

#[tokio::test]
async fn r24_an_owner_reads_which_accepted_session_was_minted() {
    let site = Site::new().await;
    let session = site.activated().await;
    let accepted = json!({ "accepted": [
        { "session": session["id"], "event": session["event"] },
        { "session": "ses_minted", "first": "2026-11-25T18:00:00Z" },
        { "session": session["id"], "first": "2000-01-01T00:00:00Z", "last": "2000-01-01T00:00:00Z" },
    ]});
    let answer = site.post("oscar", BILLING, accepted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["compared"], 3);
    let unexplained = &answer["unexplained"];
    assert_eq!(unexplained[0]["index"], 1);
    assert_eq!(unexplained[0]["session"], "ses_minted");
    assert_eq!(unexplained[0]["why"], "unknown-session");
    assert_eq!(unexplained[0]["detail"], "the ledger holds no such session");
    assert_eq!(unexplained[1]["why"], "before-start");
    assert!(unexplained[2].is_null(), "{unexplained}");
    site.close().await;
}

#[tokio::test]
async fn what_is_no_time_is_malformed_and_what_is_no_application_is_not_found() {
    let site = Site::new().await;
    let accepted = json!({ "accepted": [{ "session": "ses_1", "last": "yesterday" }] });
    let answer = site.post("audrey", BILLING, accepted).await;
    answer.refused(422, "malformed");
    let nowhere = "/api/v1/applications/nowhere/reconcile";
    let answer = site
        .post("audrey", nowhere, json!({ "accepted": [] }))
        .await;
    answer.refused(404, "not-found");
    site.close().await;
}
