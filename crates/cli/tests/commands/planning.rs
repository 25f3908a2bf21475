//! What a folder would change.

use std::path::Path;

use serde_json::{Value, json};

use crate::sample::{ALICE_RUNS_LOCUM, SHORTER, document, folder};
use crate::scripted::{Scripted, Told, locum};
use crate::views::{ok, outline, previewed, problem};

async fn plan(before: &Path, after: &Path, more: &[&str]) -> Told {
    let (before, after) = (before.display().to_string(), after.display().to_string());
    locum(&[&["plan", &after, "--against", &before], more].concat()).await
}

#[tokio::test]
async fn r33_a_plan_says_who_gains_who_loses_and_whom_it_would_wait_for() {
    let before = folder(&[]);
    let after = folder(&[SHORTER, ALICE_RUNS_LOCUM]);
    let told = plan(before.path(), after.path(), &[]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let text = told
        .text
        .replace(&before.path().display().to_string(), "BEFORE")
        .replace(&after.path().display().to_string(), "AFTER");
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
    let told = plan(before.path(), after.path(), &["--json"]).await;
    assert_eq!(told.status(), 2);
    let why = told.failure().to_string();
    assert!(why.contains("catalog/eligibility.toml:"), "{why}");
}

async fn asked(server: &Scripted, folder: &Path, more: &[&str]) -> Told {
    let folder = folder.display().to_string();
    let words = [
        "--url",
        &server.url,
        "--token",
        "sam-token",
        "plan",
        &folder,
    ];
    locum(&[&words, more].concat()).await
}

#[tokio::test]
async fn r33_whoever_is_signed_in_is_told_by_the_server_what_it_would_do_and_who_could_confirm() {
    let (before, after) = (folder(&[]), folder(&[SHORTER, ALICE_RUNS_LOCUM]));
    let plan = document(before.path(), after.path()).await;
    let mut previewed = previewed(&plan);
    previewed["restart"] = json!(["the case systems in `[connectors]` are set up at a start"]);
    let server = Scripted::new([ok(&outline(&plan["before"])), ok(&previewed)]);
    let told = asked(&server, after.path(), &[]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let says = [
        format!("compared with what is in force at {}", server.url),
        "loosens    decides  Alice Archer may now run Locum's own privileged acts".to_owned(),
        "would wait for Sam Stone. Whoever gains".to_owned(),
        "the case systems in `[connectors]` are set up at a start".to_owned(),
        format!("Next: locum apply {}", after.path().display()),
    ];
    for says in says {
        assert!(told.text.contains(&says), "{says}\n{}", told.text);
    }
    let heard = &server.heard()[1];
    assert_eq!(heard.line, "POST /api/v1/changes/preview");
    let people = heard.body["files"]["catalog/people.toml"].as_str().unwrap();
    assert!(people.contains("roles = [\"support\", \"security\"]"));
    assert_eq!(heard.body["settings"]["environment"], "development");
}

#[tokio::test]
async fn what_is_in_force_already_differs_in_nothing() {
    let after = folder(&[]);
    let plan = document(after.path(), after.path()).await;
    let server = Scripted::new([ok(&outline(&plan["after"]))]);
    let told = asked(&server, after.path(), &["--exit-code"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let says = format!("nothing differs from what is in force at {}\n", server.url);
    assert_eq!(told.text, says);
}

#[tokio::test]
async fn whoever_may_not_propose_it_still_sees_it_where_they_may_read_what_is_in_force() {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    let document = |bundle: &locum_catalog::Bundle| {
        json!({
            "digest": bundle.digest(), "version": 1, "at": "2026-03-02T11:00:00Z",
            "files": bundle.files, "settings": bundle.settings_value(),
        })
    };
    let config = before.path().join("locum.toml");
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let deployment =
        locum_catalog::Deployment::read(&config, &Default::default(), today.date()).unwrap();
    let bundle = deployment.value.bundle;
    let refused = || problem(403, "not-an-approver", None);
    let server = Scripted::new([ok(&document(&bundle)), refused()]);
    let told = asked(&server, after.path(), &[]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert!(
        told.text.contains("longest_minutes is 45 instead of 60"),
        "{}",
        told.text
    );

    let mut outline = document(&bundle);
    outline.as_object_mut().unwrap().remove("files");
    let server = Scripted::new([ok(&outline), refused()]);
    let told = asked(&server, after.path(), &[]).await;
    assert_eq!(told.status(), 1);
    assert_eq!(told.failure().to_json()["error"]["code"], "not-an-approver");
}

#[tokio::test]
async fn r33_the_solver_is_asked_where_rules_differ_and_where_it_is_not_that_is_said() {
    let (before, after) = (folder(&[]), folder(&[]));
    let rule = r#"@id("nobody-writes-at-night")
forbid (principal, action == Locum::Action::"file", resource) when { context.local_hour < 5 };
"#;
    std::fs::create_dir_all(after.path().join("policies")).unwrap();
    std::fs::write(after.path().join("policies/night.cedar"), rule).unwrap();
    let told = plan(before.path(), after.path(), &["--json"]).await;
    let document: Value = serde_json::from_str(&told.text).unwrap();
    let verdict = document["symbolic"]["verdict"].as_str().unwrap();
    let methods = &document["methods"];
    match verdict {
        "not-loosened" => assert_eq!(*methods, json!(["table", "symbolic"])),
        "not-asked" => {
            assert_eq!(*methods, json!(["table"]));
            let because = document["symbolic"]["because"].as_str().unwrap();
            assert!(because.contains("apt-get install cvc5"), "{because}");
        }
        other => panic!("{other}: {document}"),
    }
}
