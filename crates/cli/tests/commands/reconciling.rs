//! R24: an application's own log against the ledger, as the server answers it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::scripted::{Scripted, locum};
use crate::views::ok;

fn line(session: &str, minute: u32) -> String {
    let at = format!("2026-11-25T18:{minute:02}:00Z");
    let line = json!({ "at": at, "application": "billing", "iss": "https://locum.example",
                       "sid": session, "txn": "evt_1", "jti": format!("jti-{minute}") });
    format!("{line}\n")
}

fn log(folder: &Path, text: &str) -> String {
    let file = folder.join("accepted.jsonl");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

fn compared(unexplained: Value) -> (u16, String) {
    ok(&json!({ "compared": 2, "unexplained": unexplained }))
}

#[tokio::test]
async fn r24_sessions_that_the_record_holds_are_said_to_be_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = [line("ses_1", 1), line("ses_1", 2), line("ses_2", 3)].concat();
    let file = log(folder.path(), &text);
    let server = Scripted::new([compared(json!([]))]);
    let told = locum(&["--url", &server.url, "reconcile", "billing", &file]).await;
    assert_eq!(told.text, "2 sessions, all on the record\n");
    assert_eq!(told.status(), 0);
    let heard = server.heard();
    assert_eq!(heard[0].line, "POST /api/v1/applications/billing/reconcile");
    let expected = json!({ "accepted": [
        { "session": "ses_1", "event": "evt_1", "first": "2026-11-25T18:01:00Z", "last": "2026-11-25T18:02:00Z" },
        { "session": "ses_2", "event": "evt_1", "first": "2026-11-25T18:03:00Z", "last": "2026-11-25T18:03:00Z" },
    ]});
    assert_eq!(heard[0].body, expected);
}

#[tokio::test]
async fn r24_what_the_record_does_not_explain_is_listed_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = [line("ses_1", 1), line("ses_1", 9), line("ses_minted", 3)].concat();
    let file = log(folder.path(), &text);
    let unexplained = json!([
        { "index": 0, "session": "ses_1", "why": "after-end", "detail": "accepted late" },
        { "index": 1, "session": "ses_minted", "why": "unknown-session",
          "detail": "the ledger holds no such session" },
    ]);
    let server = Scripted::new([compared(unexplained.clone())]);
    let told = locum(&["--url", &server.url, "reconcile", "billing", &file]).await;
    assert_eq!(told.status(), 1);
    let rows = [
        "2     ses_1",
        "3     ses_minted",
        "the ledger holds no such session",
    ];
    assert!(
        rows.iter().all(|row| told.text.contains(row)),
        "{}",
        told.text
    );
    server.heard();

    let server = Scripted::new([compared(unexplained)]);
    let told = locum(&[
        "--json",
        "--url",
        &server.url,
        "reconcile",
        "billing",
        &file,
    ])
    .await;
    let document: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(
        (&document["lines"], &document["sessions"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(document["unexplained"][1]["line"], 3);
    assert_eq!(document["unexplained"][1]["why"], "unknown-session");
    server.heard();
}

#[tokio::test]
async fn r24_lines_that_cannot_be_read_are_named_and_the_others_compared_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}\n", "x".repeat(100_000));
    let text = [&line("ses_1", 1), "{\"sid\":\n", "\n", &long, "ses_2"].concat();
    let file = log(folder.path(), &text);
    let server = Scripted::new([compared(json!([]))]);
    let told = locum(&[
        "--json",
        "--url",
        &server.url,
        "reconcile",
        "billing",
        &file,
    ])
    .await;
    assert_eq!(told.status(), 2);
    let document: Value = serde_json::from_str(&told.text).unwrap();
    let malformed = document["malformed"].as_array().unwrap();
    let malformed: Vec<_> = malformed
        .iter()
        .map(|it| (&it["line"], &it["code"]))
        .collect();
    let expected = [
        (&json!(2), &json!("not-json")),
        (&json!(4), &json!("too-long")),
    ];
    assert_eq!(malformed, expected);
    let heard = server.heard();
    let sessions = heard[0].body["accepted"].as_array().unwrap();
    assert_eq!(sessions[1], json!({ "session": "ses_2" }));
}

#[tokio::test]
async fn a_long_log_is_asked_about_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..1_200).map(|number| format!("ses_{number}\n")).collect();
    let file = log(folder.path(), &text);
    let server = Scripted::new([(); 3].map(|()| compared(json!([]))));
    let told = locum(&["--url", &server.url, "reconcile", "billing", &file]).await;
    assert_eq!(told.text, "1200 sessions, all on the record\n");
    let parts: Vec<usize> = server
        .heard()
        .iter()
        .map(|heard| heard.body["accepted"].as_array().unwrap().len())
        .collect();
    assert_eq!(parts, [500, 500, 200]);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_wrong_usage() {
    let told = locum(&[
        "--url",
        "http://127.0.0.1:9",
        "reconcile",
        "billing",
        "nowhere",
    ])
    .await;
    assert_eq!(told.status(), 2);
}
