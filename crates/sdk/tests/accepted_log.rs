//! R24: an application can say in its own words which sessions it accepted.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod minting;

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use http::{Request, Response, StatusCode};
use locum_sdk::{AcceptedLog, AssertionLayer};
use minting::{assertion, layer, now};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

fn logging(path: &Path) -> AssertionLayer {
    layer().with_accepted_log(AcceptedLog::new(path, "billing").synced())
}

async fn status(layer: &AssertionLayer, assertion: &str) -> StatusCode {
    let application = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let request = Request::builder().header("Locum-Assertion", assertion);
    let answered = layer
        .layer(application)
        .oneshot(request.body(()).unwrap())
        .await;
    answered.unwrap().status()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn r24_every_accepted_assertion_leaves_one_line_however_often_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accepted.jsonl");
    let layer = logging(&path);
    for (session, id) in [
        ("ses_1", "one"),
        ("ses_1", "one"),
        ("ses_1", "two"),
        ("ses_2", "one"),
    ] {
        let answered = status(&layer, &assertion(session, "evt_1", 7, id)).await;
        assert_eq!(answered, StatusCode::OK);
    }
    assert_eq!(status(&layer, "nonsense").await, StatusCode::UNAUTHORIZED);
    let line = |sid, jti| {
        json!({
            "at": now().to_string(), "application": "billing", "iss": "https://locum.example",
            "sid": sid, "txn": "evt_1", "jti": jti,
        })
    };
    let expected = [
        line("ses_1", "one"),
        line("ses_1", "two"),
        line("ses_2", "one"),
    ];
    assert_eq!(lines(&path), expected);
}

#[tokio::test]
async fn the_file_may_be_moved_away_and_a_torn_line_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (
        folder.path().join("accepted"),
        folder.path().join("accepted.1"),
    );
    let layer = logging(&path);
    status(&layer, &assertion("ses_1", "evt_1", 7, "one")).await;
    fs::rename(&path, &moved).unwrap();
    status(&layer, &assertion("ses_2", "evt_2", 9, "two")).await;
    assert_eq!(lines(&moved)[0]["sid"], "ses_1");
    assert_eq!(lines(&path)[0]["sid"], "ses_2");

    let torn = fs::read_to_string(&path).unwrap();
    fs::write(&path, &torn[..20]).unwrap();
    status(&layer, &assertion("ses_3", "evt_3", 11, "three")).await;
    let text = fs::read_to_string(&path).unwrap();
    let last = text.lines().last().unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(last.contains("ses_3"), "{text}");
}

#[tokio::test]
async fn r24_what_cannot_be_written_down_is_not_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not/there");
    let layer = logging(&path);
    let good = assertion("ses_1", "evt_1", 7, "one");
    assert_eq!(status(&layer, &good).await, StatusCode::SERVICE_UNAVAILABLE);
    fs::create_dir(folder.path().join("not")).unwrap();
    assert_eq!(status(&layer, &good).await, StatusCode::OK);
    assert_eq!(lines(&path).len(), 1);
}
