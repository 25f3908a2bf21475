//! Roundup against answers recorded from Roundup 2.6.0 with its `classic` template.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test harness"
)]

mod desk;

use desk::{Asked, Desk, answer, case, now, web};
use locum_connectors::{Pace, Roundup, RoundupFields, RoundupSettings, SettingsError};
use locum_control::ports::CaseSystem;
use locum_domain::case::CaseLookupError;
use serde_json::{Value, json};

const ISSUE: &str = include_str!("recorded/roundup-issue.json");
const NONE: &str = r#"{"data": {"collection": [], "@total_size": 0}}"#;

fn settings(url: &str) -> RoundupSettings {
    RoundupSettings {
        url: url.to_owned(),
        user: "locum".into(),
        password: "pw3".into(),
        fields: RoundupFields::classic(["unread".to_owned(), "in-progress".to_owned()]),
        pace: Pace {
            poll_seconds: 15,
            grace_seconds: 60,
        },
    }
}

async fn tracker_saying(status: u16, body: &str) -> (Desk, Roundup) {
    let body = body.to_owned();
    let desk = Desk::answering(move |_: &Asked| answer(status, body.clone())).await;
    let roundup = Roundup::new(settings(&desk.url("/demo/")), web()).unwrap();
    (desk, roundup)
}

async fn cause(status: u16, body: &str) -> String {
    let (_desk, roundup) = tracker_saying(status, body).await;
    match roundup.look_up(&case("desk:1"), now()).await {
        Err(CaseLookupError::Unreachable(cause)) => cause,
        other => panic!("a usable answer: {other:?}"),
    }
}

fn issue(change: impl FnOnce(&mut Value)) -> String {
    let mut body: Value = serde_json::from_str(ISSUE).unwrap();
    change(&mut body["data"]["collection"][0]);
    body.to_string()
}

#[tokio::test]
async fn r02_an_issue_is_read_as_the_tracker_attests_it() {
    let (desk, roundup) = tracker_saying(200, ISSUE).await;
    let found = roundup.look_up(&case("desk:1"), now()).await.unwrap();
    assert!(found.is_open);
    assert_eq!(found.state, "unread");
    assert_eq!(found.assignee.as_deref(), Some("agent"));
    assert_eq!(found.subject.unwrap().as_str(), "customer");
    assert_eq!(found.opened_by.as_deref(), Some("customer"));
    assert_eq!(found.title.as_deref(), Some("Invoice 12 is wrong"));
    assert_eq!(found.priority.as_deref(), Some("bug"));
    assert_eq!(found.tenant, None);
    assert_eq!(found.opened_at, "2026-11-24T22:05:37Z".parse().ok());
    let asked = desk.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].target,
        "/demo/rest/data/issue?id=1&@fields=assignedto,creation,creator,priority,status,title&@verbose=2"
    );
    assert_eq!(asked[0].header("authorization"), Some("Basic bG9jdW06cHcz"));
}

#[tokio::test]
async fn r02_a_status_that_nobody_listed_is_not_open() {
    let body = issue(|issue| issue["status"]["name"] = json!("resolved"));
    let (_desk, roundup) = tracker_saying(200, &body).await;
    let found = roundup.look_up(&case("desk:1"), now()).await.unwrap();
    assert_eq!((found.is_open, found.state.as_str()), (false, "resolved"));
}

#[tokio::test]
async fn r02_a_subject_that_anybody_could_have_set_is_not_laid_to_the_creator() {
    let body = issue(|issue| issue["customer"] = json!("mia"));
    let desk = Desk::answering(move |_: &Asked| answer(200, body.clone())).await;
    let mut by_property = settings(&desk.url("/demo/"));
    by_property.fields.subject = "customer".into();
    let roundup = Roundup::new(by_property, web()).unwrap();
    let found = roundup.look_up(&case("desk:1"), now()).await.unwrap();
    assert_eq!(found.subject.unwrap().as_str(), "mia");
    assert_eq!(found.opened_by, None, "None: the desk cannot tell");
}

#[tokio::test]
async fn r02_a_missing_or_retired_issue_is_unknown() {
    let (desk, roundup) = tracker_saying(200, NONE).await;
    let found = roundup.look_up(&case("desk:99"), now()).await;
    assert_eq!(found, Err(CaseLookupError::Unknown));
    // Roundup would take 07 for 7: one case must not have two names.
    for odd in ["desk:07", "desk:0", "desk:issue7", "desk:1a", "desk:1_2"] {
        let found = roundup.look_up(&case(odd), now()).await;
        assert_eq!(found, Err(CaseLookupError::Unknown), "{odd}");
    }
    assert_eq!(desk.asked().len(), 1);
}

#[tokio::test]
async fn r02_an_unassigned_issue_is_nobodys() {
    let body = issue(|issue| issue["assignedto"] = json!(null));
    let (_desk, roundup) = tracker_saying(200, &body).await;
    let found = roundup.look_up(&case("desk:1"), now()).await.unwrap();
    assert_eq!(found.assignee, None);
}

#[tokio::test]
async fn r02_what_the_account_may_not_see_is_not_taken_for_empty() {
    let hidden = issue(|issue| drop(issue.as_object_mut().unwrap().remove("assignedto")));
    assert_eq!(
        cause(200, &hidden).await,
        "its account does not see `assignedto`"
    );
    let nameless = issue(|issue| issue["creator"] = json!({"id": "4", "link": "http://x/user/4"}));
    assert_eq!(
        cause(200, &nameless).await,
        "its account does not see the name in `creator`"
    );
    let list = issue(|issue| issue["creator"] = json!([{"id": "4"}]));
    assert_eq!(
        cause(200, &list).await,
        "its `creator` is neither a text nor a link"
    );
    let no_status = issue(|issue| issue["status"] = json!(null));
    assert_eq!(cause(200, &no_status).await, "the issue has no status");
}

#[tokio::test]
async fn r02_whatever_is_no_answer_of_the_tracker_is_no_answer() {
    let other = issue(|issue| issue["id"] = json!("2"));
    assert_eq!(cause(200, &other).await, "it answered another case");
    assert_eq!(cause(200, "{}").await, "its answer holds no collection");
    assert_eq!(cause(200, "Invalid Login").await, "its answer is not JSON");
    assert_eq!(
        cause(401, "Invalid Login").await,
        "it refused our credential (401)"
    );
    assert_eq!(cause(403, "{}").await, "it refused our credential (403)");
    assert_eq!(
        cause(404, "<html>").await,
        "no tracker answers at its address"
    );
    assert_eq!(cause(400, "{}").await, "it answered 400");
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_asked() {
    for url in [
        "http://desk.example/demo",
        "ftp://desk.example/",
        "demo/",
        "http://desk.example/?a=/",
    ] {
        let refused = Roundup::new(settings(url), web()).map(drop);
        assert_eq!(refused, Err(SettingsError::Address(url.into())));
    }
    let mut odd = settings("http://desk.example/demo/");
    odd.fields.title = "title&@verbose=0".into();
    assert!(matches!(
        Roundup::new(odd, web()),
        Err(SettingsError::Property(_))
    ));
    let mut odd = settings("http://desk.example/demo/");
    odd.user = "a:b".into();
    assert!(matches!(
        Roundup::new(odd, web()),
        Err(SettingsError::Header)
    ));
}
