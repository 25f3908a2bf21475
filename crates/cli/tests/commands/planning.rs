//! What a folder would change.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use locum_catalog::templates::{self, Content};
use serde_json::Value;
use tempfile::TempDir;

use crate::scripted::{Told, locum};

/// RFC 8037, appendix A.2.
const AGENT_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The sample deployment, with these texts replaced in these files.
fn folder(replacing: &[(&str, &str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let mut count = 0;
    let mut secret = || {
        count += 1;
        format!("{count:064x}")
    };
    for (path, mut text) in templates::deployment(
        Content::Example,
        today,
        "locum.example.development",
        &mut secret,
    ) {
        for (_, old, new) in replacing.iter().filter(|(of, ..)| *of == path) {
            assert!(text.contains(old), "{path} has no `{old}`");
            text = text.replacen(old, new, 1);
        }
        write(&path, &text);
    }
    write(templates::AGENT_PUBLIC_KEY, AGENT_KEY);
    folder
}

async fn plan(before: &Path, after: &Path, more: &[&str]) -> Told {
    let (before, after) = (before.display().to_string(), after.display().to_string());
    locum(&[&["plan", &after, "--against", &before], more].concat()).await
}

const SHORTER: (&str, &str, &str) = (
    "catalog/eligibility.toml",
    "longest_minutes = 60",
    "longest_minutes = 45",
);
const ALICE_RUNS_LOCUM: (&str, &str, &str) = (
    "catalog/people.toml",
    "roles = [\"support\"]",
    "roles = [\"support\", \"security\"]",
);

#[tokio::test]
async fn r33_a_plan_says_who_gains_who_loses_and_whom_it_would_wait_for() {
    let before = folder(&[]);
    let after = folder(&[SHORTER, ALICE_RUNS_LOCUM]);
    let told = plan(before.path(), after.path(), &[]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let text = told
        .text
        .replace(&before.path().display().to_string(), "BEFORE");
    let expected = include_str!("planning.txt");
    assert_eq!(text, expected, "\n{text}");
}

#[tokio::test]
async fn where_nothing_differs_it_says_so() {
    let (before, after) = (folder(&[]), folder(&[]));
    let told = plan(before.path(), after.path(), &["--exit-code"]).await;
    assert_eq!(told.status(), 0);
    assert!(
        told.text.starts_with("nothing differs from `"),
        "{}",
        told.text
    );
}

#[tokio::test]
async fn scripts_learn_from_the_status_whether_something_differs() {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    for (more, status) in [(&["--exit-code"][..], 1), (&[], 0)] {
        let told = plan(before.path(), after.path(), more).await;
        assert_eq!(told.status(), status);
        let says = "Nothing loosens: it would count as soon as it is applied.";
        assert!(told.text.contains(says), "{}", told.text);
    }
}

#[tokio::test]
async fn r33_whoever_gains_is_not_among_those_who_could_confirm() {
    let (before, after) = (folder(&[]), folder(&[ALICE_RUNS_LOCUM]));
    let told = plan(before.path(), after.path(), &["--json"]).await;
    let document: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(document["differs"], true);
    assert_eq!(document["methods"], serde_json::json!(["table"]));
    let people = document["could_confirm"].as_array().unwrap();
    let people: Vec<&str> = people.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(people, ["sam@corp.example"]);
    let loosens = document["loosens"].as_array().unwrap();
    assert!(loosens.iter().all(|it| it["says"].is_string()));
    assert!(!loosens.is_empty());
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_is_wrong_usage() {
    let before = folder(&[]);
    let after = folder(&[(
        "catalog/eligibility.toml",
        "\"invoice.read\"",
        "\"invoice.raed\"",
    )]);
    let told = plan(before.path(), after.path(), &[]).await;
    assert_eq!(told.status(), 2);
    let why = told.failure().to_string();
    assert!(why.contains("catalog/eligibility.toml:"), "{why}");
}
