//! Letting a folder count.

use std::path::Path;

use serde_json::{Value, json};

use crate::sample::{ALICE_RUNS_LOCUM, SHORTER, document, folder};
use crate::scripted::{Scripted, Told, locum};
use crate::views::{change, ok, outline, previewed, problem};

const NOTE: &str = "an hour is too long for invoices";

async fn apply(server: &Scripted, folder: &Path, more: &[&str]) -> Told {
    let folder = folder.display().to_string();
    let words = [
        "--url",
        &server.url,
        "--token",
        "sam-token",
        "apply",
        &folder,
    ];
    locum(&[&words, more].concat()).await
}

#[tokio::test]
async fn r33_what_is_proposed_stands_on_what_was_shown() {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    let plan = document(before.path(), after.path()).await;
    let server = Scripted::new([
        ok(&outline(&plan["before"])),
        ok(&previewed(&plan)),
        ok(&change("applied", &plan)),
    ]);
    let told = apply(&server, after.path(), &["--note", NOTE]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let expected = format!(
        "in force: chg_1 (digest {})\n",
        plan["after"].as_str().unwrap()
    );
    assert_eq!(told.text, expected);
    let heard = server.heard();
    assert_eq!(heard[1].line, "POST /api/v1/changes/preview");
    assert_eq!(heard[2].line, "POST /api/v1/changes");
    assert_eq!(heard[2].body["base"], plan["before"]);
    assert_eq!(heard[2].body["note"], NOTE);
    assert_eq!(heard[2].body["files"], heard[1].body["files"]);
}

#[tokio::test]
async fn r33_what_loosens_says_whom_it_waits_for_and_how_they_confirm_it() {
    let (before, after) = (folder(&[]), folder(&[ALICE_RUNS_LOCUM]));
    let plan = document(before.path(), after.path()).await;
    let server = Scripted::new([
        ok(&outline(&plan["before"])),
        ok(&previewed(&plan)),
        ok(&change("waiting", &plan)),
    ]);
    let told = apply(&server, after.path(), &["--note", NOTE, "--yes"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let expected = format!(
        "chg_1 waits for sam@corp.example. Until then nothing of it counts.\n\
         they run: locum changes confirm chg_1\n\
         or in a browser: {}/changes/chg_1\n",
        server.url
    );
    assert_eq!(told.text, expected);
}

#[tokio::test]
async fn applying_what_is_in_force_does_nothing_and_is_no_failure() {
    let (before, after) = (folder(&[]), folder(&[]));
    let plan = document(before.path(), after.path()).await;
    let server = Scripted::new([ok(&outline(&plan["after"]))]);
    let told = apply(&server, after.path(), &["--note", NOTE, "--json"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let document: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(document["state"], "in-force");
}

#[tokio::test]
async fn r33_where_something_else_was_applied_meanwhile_nothing_is_proposed_and_the_remedy_is_a_new_plan()
 {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    let plan = document(before.path(), after.path()).await;
    let in_force = || ok(&outline(&plan["before"]));
    let stale = || problem(409, "stale-approval", Some("reload the request"));
    for answers in [
        vec![in_force(), stale()],
        vec![in_force(), ok(&previewed(&plan)), stale()],
    ] {
        let server = Scripted::new(answers);
        let told = apply(&server, after.path(), &["--note", NOTE]).await;
        assert_eq!(told.status(), 1);
        let remedy = told.failure().remedy().unwrap().to_owned();
        assert!(remedy.contains("locum plan"), "{remedy}");
    }
}

#[tokio::test]
async fn a_script_says_why() {
    let after = folder(&[SHORTER]);
    let nowhere = "http://127.0.0.1:9";
    let folder = after.path().display().to_string();
    let told = locum(&["--url", nowhere, "apply", &folder, "--yes"]).await;
    assert_eq!(told.status(), 2);
    assert!(told.failure().to_string().contains("--note"));
}

#[tokio::test]
async fn a_folder_with_faults_or_failing_tests_is_never_sent() {
    let nowhere = "http://127.0.0.1:9";
    let refused = async |folder: &Path| {
        let folder = folder.display().to_string();
        let words = ["--json", "--url", nowhere, "apply", &folder, "--note", NOTE];
        let told = locum(&words).await;
        assert_eq!(told.status(), 2, "{:?}", told.end);
        told.failure().to_string()
    };
    let operation = (
        "catalog/eligibility.toml",
        "\"invoice.read\"",
        "\"invoice.raed\"",
    );
    let faulty = folder(&[operation]);
    std::fs::write(
        faulty.path().join("policies/mine.cedar"),
        "@id(\"mine\")\npermit (principal, action == Locum::Action::\"fiel\", resource);\n",
    )
    .unwrap();
    let why = refused(faulty.path()).await;
    assert!(why.contains("catalog/eligibility.toml:"), "{why}");
    assert!(why.contains("policies/mine.cedar:2:"), "{why}");

    let failing = folder(&[]);
    let tests = failing.path().join("policies/tests");
    let table = std::fs::read_dir(&tests).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(table.path()).unwrap();
    std::fs::write(
        table.path(),
        text.replacen("\"filed\"", "\"not-eligible\"", 1),
    )
    .unwrap();
    let why = refused(failing.path()).await;
    let name = table.file_name().into_string().unwrap();
    assert!(why.contains(&format!("policies/tests/{name}:")), "{why}");
    assert!(why.contains("does not hold"), "{why}");
}

#[tokio::test]
async fn r33_a_base_that_a_script_names_is_the_one_that_is_asked_about() {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    let plan = document(before.path(), after.path()).await;
    let server = Scripted::new([
        ok(&outline(&plan["before"])),
        ok(&previewed(&plan)),
        ok(&change("applied", &plan)),
    ]);
    let base = plan["before"].as_str().unwrap();
    let told = apply(&server, after.path(), &["--note", NOTE, "--base", base]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert_eq!(server.heard()[1].body["base"], json!(base));
}
