//! What a restore does to the record and to access: a new epoch where entries are lost, ends, lapses, and stops that stand
//! again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread::sleep;
use std::time::Duration;

use common::backups::{back_up, beside, command, lose_store, refused, restore};
use common::deployment::{AUDITOR, Deployment, token};
use common::people::text;
use common::process::{Locum, run};
use common::wait_until;
use common::witness::{Beta, SOON, ledger_key};
use serde_json::{Value, json};

const WORDS: [&str; 4] = [
    "--by",
    "sol@harbour.example",
    "--reason",
    "the disk failed at night, and no newer copy was made",
];

fn with_words(first: &str) -> Vec<&str> {
    [&[first][..], &WORDS].concat()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn session_of(deployment: &Deployment, id: &str) -> Value {
    let path = format!("/api/v1/sessions/{id}");
    let answer = deployment.get(AUDITOR, &path).unwrap();
    answer.expect(200, "a session").json()
}

fn state_of(deployment: &Deployment, request: &str) -> String {
    let path = format!("/api/v1/requests/{request}");
    let answer = deployment.get(AUDITOR, &path).unwrap();
    text(&answer.expect(200, "a request").json(), "state")
}

/// A request that was approved and not used.
fn granted(deployment: &Deployment, case: u64) -> String {
    let filed = deployment.file(case).unwrap().expect(201, "filing").json();
    deployment.approve(&filed).unwrap().expect(200, "approving");
    text(&filed, "id")
}

fn kinds_after(deployment: &Deployment, kind: &str) -> Vec<String> {
    let feed = deployment.feed(None).into_iter();
    let kinds = feed.map(|item| text(&item, "kind"));
    kinds.skip_while(|it| it != kind).collect()
}

/// The pack of the access event that a request began.
fn pack(deployment: &Deployment, request: &str) -> PathBuf {
    let path = format!("/api/v1/requests/{request}");
    let request = deployment.get(AUDITOR, &path).unwrap();
    let event = text(&request.expect(200, "reading").json(), "event");
    let file = deployment.folder.join(format!("{event}.zip"));
    let url = format!("http://localhost:{}", deployment.server);
    let (auditor, named) = (token(AUDITOR), file.display().to_string());
    let export = [
        "--url", &url, "--token", &auditor, "evidence", "export", &event, "-o", &named,
    ];
    let exported = run(&export, &[]);
    assert!(exported.status.success(), "{exported:?}");
    file
}

fn verified(pack: &Path, key: &str) -> Output {
    let pack = pack.display().to_string();
    run(&["--json", "evidence", "verify", &pack, "--key", key], &[])
}

fn python_verified(pack: &Path, key: &str) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/evidence/verify_pack.py");
    let mut python = std::process::Command::new("python3");
    python.arg(program).arg(pack).args(["--key", key]);
    python.output().unwrap()
}

#[test]
fn r24_an_older_backup_goes_on_as_a_new_epoch_that_says_for_ever_what_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let kept = deployment.session(1);
    let file = back_up(&deployment, "older.tar");
    deployment.session(2);
    locum.stop();
    let lost_note = fs::read_to_string(beside(&deployment, ".remembered")).unwrap();
    let first_key = ledger_key(&deployment).verifier_key().to_string();

    refused(&restore(&deployment, &file, &[]), 1, "--new-epoch");
    refused(
        &restore(&deployment, &file, &["--new-epoch"]),
        2,
        "--reason",
    );
    let boilerplate = [
        "--new-epoch",
        "--by",
        "sol",
        "--reason",
        "restore restore restore",
    ];
    refused(
        &restore(&deployment, &file, &boilerplate),
        2,
        "a reason needs",
    );
    let restored = json_of(&restore(&deployment, &file, &with_words("--new-epoch")));
    let epoch = &restored["restoration"]["epoch"];
    assert_eq!(epoch["number"], 2, "{restored}");
    assert_eq!(epoch["kept"], restored["size"], "{restored}");
    assert_eq!(epoch["lost"][0]["checkpoint"], lost_note, "{restored}");

    let locum = deployment.serve();
    wait_until("the start shows the loss", SOON, || {
        let said = locum.said();
        said.contains("EPOCH 2") && said.contains("are lost")
    });
    let key = fs::read_to_string(deployment.folder.join("keys/ledger.vkey")).unwrap();
    let key = key.trim();
    assert!(
        key.starts_with("ledger.harbour.example.development/epoch-2+"),
        "{key}"
    );
    let session = session_of(&deployment, &kept.id);
    assert_eq!(session["ended_because"], "restored", "{session}");
    let feed = deployment.feed(None);
    let entry = feed.iter().find(|it| it["kind"] == "restored").unwrap();
    let restoration = &entry["event"]["restoration"];
    assert_eq!(
        entry["position"], restored["size"],
        "it follows what was kept"
    );
    assert_eq!(restoration["reason"], WORDS[3], "{restoration}");
    assert_eq!(restoration["by"], WORDS[1], "{restoration}");

    // It is evidence: of a whole record, with what was lost on its first page, by every verifier.
    let pack_of_kept = pack(&deployment, &kept.request);
    let answer = json_of(&verified(&pack_of_kept, key));
    let told = answer["findings"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.filter(|it| it["code"] == "record-restored").collect();
    assert_eq!(told.len(), 1, "{answer}");
    let sentence = text(told[0], "sentence");
    assert!(sentence.contains("goes on as epoch 2"), "{sentence}");
    assert!(
        sentence.contains(WORDS[3]) && sentence.contains("lost"),
        "{sentence}"
    );
    let python = python_verified(&pack_of_kept, key);
    let python: Value = json_of(&python);
    assert_eq!(python["findings"], answer["access_event"]["findings"]);
    refused(
        &verified(&pack_of_kept, &first_key),
        4,
        "not by the key you gave",
    );
    // An event of the new epoch has nothing to do with it.
    let new = deployment.session(3);
    deployment.end(&new.id).unwrap().expect(200, "ending");
    let answer = json_of(&verified(&pack(&deployment, &new.request), key));
    assert!(
        !answer["findings"].to_string().contains("record-restored"),
        "{answer}"
    );
    locum.stop();

    // Everything that opens the store knows the epoch.
    let checked = deployment.verify(&[]);
    assert!(checked.status.success(), "{checked:?}");
    let again = back_up(&deployment, "newer.tar");
    let listed = run(
        &[
            "keys",
            "list",
            "--config",
            &deployment.config().display().to_string(),
        ],
        &[],
    );
    assert!(String::from_utf8(listed.stdout).unwrap().contains(key));
    let locum = deployment.serve();
    deployment.session(4);
    locum.stop();
    // A store of the epoch before is a store that was wound back.
    let stands = fs::read(beside(&deployment, ".remembered")).unwrap();
    let before = deployment.folder.join("aside-0");
    lose_store(&deployment);
    fs::copy(before.join("harbour.db"), deployment.database()).unwrap();
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("epoch 2 has begun"), "{said}");
    assert_eq!(
        fs::read(beside(&deployment, ".remembered")).unwrap(),
        stands
    );
    // A copy of the new epoch that ends before what is remembered begins the third.
    let refusal = restore(&deployment, &again, &[]);
    refused(&refusal, 1, "would be lost");
    let third = json_of(&restore(&deployment, &again, &with_words("--new-epoch")));
    assert_eq!(third["restoration"]["epoch"]["number"], 3, "{third}");
    let locum = deployment.serve();
    let key = fs::read_to_string(deployment.folder.join("keys/ledger.vkey")).unwrap();
    let answer = json_of(&verified(&pack(&deployment, &kept.request), key.trim()));
    assert_eq!(
        answer["findings"]
            .to_string()
            .matches("record-restored")
            .count(),
        2
    );
    locum.stop();
    assert!(deployment.verify(&[]).status.success());
}

#[test]
fn r24_a_crash_after_the_copy_is_in_place_finds_on_the_record_what_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    let file = back_up(&deployment, "older.tar");
    deployment.session(2);
    locum.stop();
    let remembered = fs::read(beside(&deployment, ".remembered")).unwrap();
    json_of(&restore(&deployment, &file, &with_words("--new-epoch")));
    // As if the process had ended before it remembered the new epoch.
    fs::write(beside(&deployment, ".remembered"), &remembered).unwrap();
    let locum = deployment.serve();
    deployment.session(3);
    locum.stop();
    // A longer history that no restore has named is no history that was given up.
    let store = fs::read(deployment.database()).unwrap();
    let longer = ledger_key(&deployment).sign_checkpoint(1_000, locum_tlog::leaf_hash(b"x"));
    fs::write(beside(&deployment, ".remembered"), longer).unwrap();
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("did not know of the 1000"), "{said}");
    assert_eq!(
        fs::read(deployment.database()).unwrap(),
        store,
        "it was written to"
    );
}

#[test]
fn r24_a_new_epoch_begins_for_nothing_less_than_a_loss() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    locum.stop();
    let file = back_up(&deployment, "newest.tar");
    let refusal = restore(&deployment, &file, &with_words("--new-epoch"));
    refused(&refusal, 2, "nothing that is remembered is missing");
    // On another machine nothing is remembered but what somebody kept.
    let kept = deployment.folder.join("kept");
    fs::copy(beside(&deployment, ".remembered"), &kept).unwrap();
    let kept = kept.display().to_string();
    let locum = deployment.serve();
    deployment.session(2);
    locum.stop();
    let later = deployment.folder.join("later");
    fs::copy(beside(&deployment, ".remembered"), &later).unwrap();
    let later = later.display().to_string();
    lose_store(&deployment);
    fs::remove_file(beside(&deployment, ".remembered")).unwrap();
    let refusal = command("restore", &deployment, &file, &["--known", &later]);
    refused(&refusal, 1, "the checkpoint you gave remembers");
    let restored = command("restore", &deployment, &file, &["--known", &kept]);
    assert!(restored.status.success(), "{restored:?}");
    deployment.serve().stop();
}

#[test]
fn r22_a_restore_ends_every_session_and_lapses_every_unused_grant_before_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let session = deployment.session(1);
    let request = granted(&deployment, 2);
    locum.stop();
    let file = back_up(&deployment, "newest.tar");
    let restored = json_of(&restore(&deployment, &file, &[]));
    assert!(restored["restoration"].get("epoch").is_none(), "{restored}");

    let locum = deployment.serve();
    let ended = session_of(&deployment, &session.id);
    assert_eq!(ended["ended_because"], "restored", "{ended}");
    assert_eq!(state_of(&deployment, &request), "lapsed");
    let refusal = deployment.activate(&request).unwrap();
    assert!(refusal.status >= 400, "{}", refusal.status);
    assert_eq!(
        deployment
            .call(&session.bearer, "/parcels/1")
            .unwrap()
            .status,
        401
    );
    // Before anything that anybody did: the restore, then its ends and lapses.
    let kinds = kinds_after(&deployment, "restored");
    let first: Vec<&str> = kinds.iter().map(String::as_str).take(5).collect();
    assert_eq!(
        first,
        [
            "restored",
            "session-ended",
            "request-ended",
            "review-opened",
            "request-lapsed"
        ]
    );
    // What begins after it lives, through the next start as well.
    let after = deployment.session(3);
    let unused = granted(&deployment, 4);
    locum.stop();
    let locum = deployment.serve();
    assert_eq!(session_of(&deployment, &after.id)["state"], "live");
    assert_eq!(state_of(&deployment, &unused), "approved");
    locum.stop();
    assert!(deployment.verify(&[]).status.success());
}

#[test]
fn r22_a_stop_that_the_copy_does_not_know_stands_again_before_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    let request = granted(&deployment, 2);
    let file = back_up(&deployment, "older.tar");
    let stop = json!({ "application": "parcels" });
    let stopped = deployment.post("sol@harbour.example", "/api/v1/stop", &stop);
    let stopped = stopped.unwrap().expect(200, "stopping").json();
    let hold = text(&stopped["hold"], "id");
    // Remembered within a second or two, whatever happens to the process then.
    wait_until("the stop is remembered", SOON, || {
        let standing = fs::read_to_string(beside(&deployment, ".standing"));
        standing.is_ok_and(|it| it.contains(&hold))
    });
    locum.kill();
    // The store is gone, and what stands beside it is not.
    lose_store(&deployment);
    json_of(&restore(&deployment, &file, &with_words("--new-epoch")));
    let locum = deployment.serve();
    let kinds = kinds_after(&deployment, "restored");
    assert!(kinds.contains(&"hold-placed".to_owned()), "{kinds:?}");
    assert_eq!(state_of(&deployment, &request), "lapsed");
    let refusal = deployment.file(3).unwrap();
    let refusal = (
        refusal.status,
        String::from_utf8_lossy(&refusal.body).into_owned(),
    );
    assert!(refusal.1.contains("held"), "{refusal:?}");
    locum.stop();
    // Where the store that is replaced knows the stop, the file need not.
    let again = back_up(&deployment, "with-hold.tar");
    drop(again);
    fs::remove_file(beside(&deployment, ".standing")).unwrap();
    json_of(&restore(&deployment, &file, &with_words("--new-epoch")));
    let locum = deployment.serve();
    assert!(kinds_after(&deployment, "restored").contains(&"hold-placed".to_owned()));
    locum.stop();
}

#[test]
fn r24_a_witness_that_knows_more_is_asked_before_a_start_and_before_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let vkey = ledger_key(&deployment).verifier_key().to_string();
    let beta = Beta::of(&folder.path().join("beta"), &vkey);
    let witness = beta.serve();
    beta.is_trusted_by(&deployment);
    let locum = deployment.serve();
    deployment.session(1);
    let file = back_up(&deployment, "older.tar");
    locum.stop();
    let copy = fs::read(deployment.database()).unwrap();
    let locum = deployment.serve();
    deployment.session(2);
    sleep(Duration::from_secs(4));
    locum.stop();

    // Somebody puts the older copy back, and takes away what is remembered beside it.
    lose_store(&deployment);
    fs::remove_file(beside(&deployment, ".remembered")).unwrap();
    fs::write(deployment.database(), &copy).unwrap();
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(
        said.contains("the witness witness.beta.example cosigned"),
        "{said}"
    );
    assert!(said.contains("locum restore"), "{said}");
    assert_eq!(
        fs::read(deployment.database()).unwrap(),
        copy,
        "it was written to"
    );
    let _ = fs::remove_file(deployment.database());
    let _ = fs::remove_file(beside(&deployment, ".remembered"));

    let refusal = restore(&deployment, &file, &[]);
    refused(&refusal, 1, "the witness witness.beta.example remembers");
    // Silence is the operator's rule to judge.
    witness.stop();
    deployment.edit(
        "locum.toml",
        "quorum beta\n'''",
        "quorum beta\n'''\nwhen_unwitnessed = \"stop\"\nunwitnessed_after_seconds = 600",
    );
    let refusal = restore(&deployment, &file, &[]);
    refused(&refusal, 1, "does not say what it knows");
    let witness = beta.serve();
    let restored = json_of(&restore(&deployment, &file, &with_words("--new-epoch")));
    let lost = &restored["restoration"]["epoch"]["lost"][0];
    assert_eq!(
        lost["known_by"], "the witness witness.beta.example",
        "{restored}"
    );
    // To the witness the new epoch is a ledger of its own.
    let locum = deployment.serve();
    let key = fs::read_to_string(deployment.folder.join("keys/ledger.vkey")).unwrap();
    locum.stop();
    witness.stop();
    let ledgers = Path::new(&beta.folder).join("ledgers");
    fs::write(&ledgers, format!("{vkey}\n{key}")).unwrap();
    let witness = beta.serve();
    let locum = deployment.serve();
    wait_until("the new epoch is witnessed", SOON, || {
        let feed = deployment.feed(None);
        feed.iter()
            .any(|item| item["kind"] == "witness-heard" && item["event"]["standing"] == "cosigns")
    });
    locum.stop();
    witness.stop();
}
