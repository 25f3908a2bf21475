//! Letting files count through the server: planned, applied, confirmed by a second person.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::process::Output;

use common::deployment::{ASKER, AUDITOR, Deployment, token};
use common::process::run;
use serde_json::Value;

const OWNER: &str = "ned@harbour.example";
const SECURITY: &str = "sol@harbour.example";

const SHORTER: (&str, &str, &str) = (
    "catalog/eligibility.toml",
    "longest_minutes = 45",
    "longest_minutes = 30",
);
/// What only one application's own file says.
const MORE_ROUTES: (&str, &str, &str) = (
    "catalog/applications/parcels.toml",
    "routes = [\"GET /parcels/*\", ",
    "routes = [\"GET /parcels/*\", \"GET /boxes/*\", ",
);

fn edit(deployment: &Deployment, (path, from, to): (&str, &str, &str)) {
    deployment.edit(path, from, to);
}

/// `locum` in this person's name.
fn locum(deployment: &Deployment, person: &str, words: &[&str]) -> Output {
    let url = format!("http://localhost:{}", deployment.server);
    let token = token(person);
    run(&[&["--url", &url, "--token", &token], words].concat(), &[])
}

fn folder(deployment: &Deployment) -> String {
    deployment.folder.display().to_string()
}

fn apply(deployment: &Deployment, person: &str, note: &str) -> Output {
    let folder = folder(deployment);
    locum(
        deployment,
        person,
        &["--json", "apply", &folder, "--note", note],
    )
}

fn document(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The reason code, after status 1.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    error["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn r33_what_tightens_counts_at_once_and_the_plan_says_so_before() {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let locum_serves = deployment.serve();
    edit(&deployment, SHORTER);
    let folder = folder(&deployment);

    // From the store, beside the running server; and from the server.
    let offline = text(&run(&["plan", &folder, "--offline"], &[]));
    assert!(
        offline.contains("longest_minutes is 30 instead of 45"),
        "{offline}"
    );
    assert!(offline.contains("Nothing loosens"), "{offline}");
    let asked = text(&locum(&deployment, SECURITY, &["plan", &folder]));
    assert!(
        asked.contains("what is in force at http://localhost:"),
        "{asked}"
    );
    assert!(
        asked.contains(&format!("Next: locum apply {folder}")),
        "{asked}"
    );
    // Whoever may not propose it may read what it is, if they may read what is in force.
    let audited = locum(&deployment, AUDITOR, &["plan", &folder]);
    assert!(text(&audited).contains("longest_minutes is 30 instead of 45"));
    let said = String::from_utf8(audited.stderr).unwrap();
    assert!(said.contains("you could not apply it"), "{said}");
    let plain = locum(&deployment, ASKER, &["--json", "plan", &folder]);
    assert_eq!(refused(&plain), "not-an-approver");

    deployment
        .file(1)
        .unwrap()
        .expect(201, "30 minutes were allowed before");
    let applied = document(&apply(&deployment, SECURITY, "half an hour is enough"));
    assert_eq!(applied["state"], "applied");
    let again = document(&apply(&deployment, SECURITY, "half an hour is enough"));
    assert_eq!(again["state"], "in-force");
    let nothing = text(&locum(
        &deployment,
        SECURITY,
        &["plan", &folder, "--exit-code"],
    ));
    assert!(
        nothing.starts_with("nothing differs from what is in force at"),
        "{nothing}"
    );
    let offline = text(&run(&["plan", &folder, "--offline"], &[]));
    assert!(
        offline.starts_with("nothing differs from what was applied on"),
        "{offline}"
    );
    let listed = text(&locum(
        &deployment,
        SECURITY,
        &["changes", "--state", "applied"],
    ));
    assert!(
        listed.contains("half an hour is enough. By sol@harbour.example; it loosens nothing"),
        "{listed}"
    );
    locum_serves.stop();
    // The same files were applied: the next start has nothing to do.
    deployment.serve().stop();
    let verified = deployment.verify(&[]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn r33_what_loosens_waits_for_a_second_person_at_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let _serving = deployment.serve();
    edit(&deployment, MORE_ROUTES);
    let folder = folder(&deployment);
    let note = "boxes are read like parcels";
    let waiting = locum(&deployment, OWNER, &["apply", &folder, "--note", note]);
    let told = text(&waiting);
    assert!(told.contains("waits for sol@harbour.example"), "{told}");
    let id = told.split_whitespace().next().unwrap().to_owned();
    let shown = String::from_utf8(waiting.stderr).unwrap();
    assert!(shown.contains("GET /boxes/*"), "{shown}");

    let confirm = |person: &str| locum(&deployment, person, &["--json", "changes", "confirm", &id]);
    assert_eq!(refused(&confirm(OWNER)), "second-person-required");
    assert_eq!(refused(&confirm(ASKER)), "not-found");
    let digest = "0".repeat(64);
    let other = ["--json", "changes", "confirm", &id, "--digest", &digest];
    assert_eq!(
        refused(&locum(&deployment, SECURITY, &other)),
        "stale-approval"
    );
    let shown = text(&locum(&deployment, SECURITY, &["changes", "show", &id]));
    assert!(
        shown.contains("+ routes = [\"GET /parcels/*\", \"GET /boxes/*\""),
        "{shown}"
    );
    let confirmed = text(&locum(&deployment, SECURITY, &["changes", "confirm", &id]));
    assert!(
        confirmed.starts_with(&format!("in force: {id}")),
        "{confirmed}"
    );
    let nothing = text(&locum(&deployment, OWNER, &["plan", &folder]));
    assert!(nothing.starts_with("nothing differs"), "{nothing}");
}

#[test]
fn r33_a_change_is_denied_or_taken_back_and_what_it_stood_on_may_give_way() {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let _serving = deployment.serve();
    let propose = || {
        let waiting = document(&apply(&deployment, OWNER, "boxes are read like parcels"));
        assert_eq!(waiting["state"], "waiting");
        waiting["id"].as_str().unwrap().to_owned()
    };
    edit(&deployment, MORE_ROUTES);
    let denied = propose();
    let words = [
        "changes",
        "deny",
        &denied,
        "--reason",
        "boxes hold other people's things",
    ];
    let told = text(&locum(&deployment, SECURITY, &words));
    assert!(told.contains("is denied by sol@harbour.example"), "{told}");
    let withdrawn = propose();
    let told = text(&locum(
        &deployment,
        OWNER,
        &["changes", "withdraw", &withdrawn],
    ));
    assert!(told.contains("is withdrawn"), "{told}");

    let overtaken = propose();
    let (path, from, to) = MORE_ROUTES;
    edit(&deployment, (path, to, from));
    edit(&deployment, SHORTER);
    document(&apply(&deployment, SECURITY, "half an hour is enough"));
    let words = ["--json", "changes", "confirm", &overtaken];
    assert_eq!(
        refused(&locum(&deployment, SECURITY, &words)),
        "stale-approval"
    );
    // A base that somebody looked at some time ago.
    let (folder, base) = (folder(&deployment), "0".repeat(64));
    let (path, from, to) = SHORTER;
    edit(&deployment, (path, to, from));
    let words = [
        "--json",
        "apply",
        &folder,
        "--note",
        "as before",
        "--base",
        &base,
    ];
    let stale = locum(&deployment, SECURITY, &words);
    assert_eq!(refused(&stale), "stale-approval");
    let said = String::from_utf8(stale.stderr).unwrap();
    assert!(said.contains("locum plan"), "{said}");
}

#[test]
fn a_folder_with_faults_is_not_sent_and_each_is_told_by_file_line_and_column() {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let _serving = deployment.serve();
    deployment.put(
        "policies/mine.cedar",
        "@id(\"mine\")\npermit (principal, action == Locum::Action::\"fiel\", resource);\n",
    );
    edit(
        &deployment,
        ("catalog/eligibility.toml", "parcel.read", "parcel.raed"),
    );
    let folder = folder(&deployment);
    let words = ["apply", &folder, "--note", "a slip"];
    let refused = locum(&deployment, SECURITY, &words);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("catalog/eligibility.toml:5:"), "{said}");
    assert!(said.contains("policies/mine.cedar:2:"), "{said}");
}
