//! What a server starts from, and what it refuses to start on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::path::Path;

use common::deployment::{ASKER, Deployment};
use common::free_port;
use common::process::{Locum, run};
use rusqlite::Connection;
use serde_json::{Value, json};

/// A server that does not start: what it said, after status 2.
fn refused(config: &Path, variables: &[(&str, String)]) -> String {
    let (status, said) = Locum::spawn(config, variables).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    said
}

/// Other ports than the configuration's, so that a refusal is not about those.
fn other_ports() -> Vec<(&'static str, String)> {
    ["LOCUM__SERVER__LISTEN", "LOCUM__GATEWAY__LISTEN"]
        .map(|name| (name, format!("127.0.0.1:{}", free_port())))
        .to_vec()
}

fn kinds(feed: &[Value]) -> Vec<&str> {
    feed.iter().map(|it| it["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_second_process_on_one_database_is_refused_by_the_name_of_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let first = deployment.serve();
    let said = refused(&deployment.config(), &other_ports());
    assert!(said.contains("in use by another process"), "{said}");
    assert!(said.contains("harbour.db.lock"), "{said}");
    // Looking needs no lock, and does not disturb.
    let looked = deployment.verify(&[]);
    assert!(looked.status.success(), "{looked:?}");
    let rebuilt = deployment.verify(&["--rebuild"]);
    assert_eq!(rebuilt.status.code(), Some(2), "{rebuilt:?}");
    deployment.file(1).unwrap().expect(201, "the first goes on");
    // The lock ends with its holder, however that ends.
    first.kill();
    deployment.serve().stop();
}

#[test]
fn r24_a_ledger_that_somebody_wrote_to_without_its_key_is_not_taken_up() {
    const LAST: &str = "(SELECT max(position) FROM entry)";
    let tricks = [
        (
            "an entry appended",
            format!(
                "INSERT INTO entry SELECT position + 1, entry, stream_kind, stream_id FROM entry
                   WHERE position = {LAST};
                 INSERT INTO payload (position, salt, body) SELECT position + 1, salt, body FROM payload
                   WHERE position = {LAST} - 1;"
            ),
        ),
        (
            "the last entry altered",
            format!(
                "UPDATE entry SET entry = CAST(replace(CAST(entry AS TEXT), '\"at\":\"2', '\"at\":\"3') AS BLOB)
                   WHERE position = {LAST};"
            ),
        ),
        (
            "the last entry taken away",
            format!(
                "DELETE FROM payload WHERE position = {LAST};
                 DELETE FROM entry WHERE position = {LAST};"
            ),
        ),
        (
            "an entry taken away, and the checkpoint's row made to fit",
            format!(
                "DELETE FROM payload WHERE position = {LAST};
                 DELETE FROM entry WHERE position = {LAST};
                 UPDATE checkpoint SET size = size - 1;"
            ),
        ),
        (
            "the checkpoint taken away",
            "DELETE FROM checkpoint;".to_owned(),
        ),
        (
            "the length of a request altered",
            "UPDATE payload SET body = CAST(replace(CAST(body AS TEXT), '\"duration\":30', '\"duration\":31') AS BLOB)
               WHERE CAST(body AS TEXT) LIKE '%\"duration\":30%' AND CAST(body AS TEXT) LIKE '%request-filed%';"
                .to_owned(),
        ),
        (
            "the words of a request exchanged",
            "UPDATE payload SET personal = zeroblob(length(personal)) WHERE personal IS NOT NULL;".to_owned(),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.session(1);
    locum.stop();
    // The write-ahead log outlives the process: into the file with it, so that one file is the whole ledger.
    let database = Connection::open(deployment.database()).unwrap();
    let mode: String = database
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
    drop(database);
    let sound = fs::read(deployment.database()).unwrap();
    for (trick, sql) in tricks {
        let database = Connection::open(deployment.database()).unwrap();
        database.execute_batch(&sql).unwrap();
        assert!(database.changes() > 0, "{trick}: nothing was changed");
        drop(database);
        let said = refused(&deployment.config(), &[]);
        assert!(
            said.contains("the ledger cannot be taken up"),
            "{trick}: {said}"
        );
        let verified = deployment.verify(&[]);
        assert_eq!(verified.status.code(), Some(4), "{trick}: {verified:?}");
        for beside in ["-wal", "-shm"] {
            // SQLite leaves them when it was refused something, and they are not of the sound file.
            let _ = fs::remove_file(folder.path().join(format!("harbour.db{beside}")));
        }
        fs::write(deployment.database(), &sound).unwrap();
    }
    deployment.serve().stop();
}

#[test]
fn r33_changed_files_are_applied_and_recorded_at_the_next_start_in_development() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    deployment.file(1).unwrap().expect(201, "eligible");
    let feed = deployment.feed(None);
    assert_eq!(kinds(&feed)[0], "founded");
    deployment.edit(
        "catalog/eligibility.toml",
        "role = \"support\"",
        "role = \"manager\"",
    );
    deployment
        .file(2)
        .unwrap()
        .expect(201, "a file that was edited has no effect yet");
    locum.stop();

    let locum = deployment.serve();
    let filed = deployment.file(3).unwrap().expect(403, "no more eligible");
    assert_eq!(filed.code(), "not-eligible");
    let feed = deployment.feed(None);
    let applied: Vec<&Value> = feed.iter().filter(|it| it["kind"] == "applied").collect();
    assert_eq!(applied.len(), 1, "{:?}", kinds(&feed));
    let files = applied[0]["event"]["applied"]["files"].to_string();
    assert!(files.contains("role = \\\"manager\\\""), "{files}");
    locum.stop();

    // The same files again change nothing; files that are not in order are not applied either.
    deployment.serve().stop();
    deployment.edit("catalog/eligibility.toml", "operations", "operatoins");
    let said = refused(&deployment.config(), &[]);
    assert!(said.contains("eligibility.toml:"), "{said}");
    deployment.edit("catalog/eligibility.toml", "operatoins", "operations");
    let locum = deployment.serve();
    let feed = deployment.feed(None);
    let applied = kinds(&feed).into_iter().filter(|it| *it == "applied");
    assert_eq!(applied.count(), 1);
    locum.stop();
}

#[test]
fn r33_the_environment_is_fixed_at_the_founding() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    deployment.serve().stop();
    let settings = fs::read_to_string(deployment.config()).unwrap();
    let production = settings
        .replace(
            "environment = \"development\"",
            "environment = \"production\"",
        )
        .replace(
            "[login.development]\ntokens = \"file:tokens.toml\"\n",
            "[login]\nfounders = [\"sol@harbour.example\", \"max@harbour.example\"]\n",
        )
        .replace("signature = \"optional\"", "signature = \"required\"")
        .replace(
            &format!("public_url = \"http://localhost:{}\"", deployment.server),
            "public_url = \"https://locum.harbour.example\"",
        );
    deployment.put("locum.toml", &production);
    let said = refused(&deployment.config(), &[]);
    assert!(
        said.contains("a ledger is one or the other for good"),
        "{said}"
    );
    let origin = "ledger.harbour.example";
    let renamed = production.replace("ledger.harbour.example.development", origin);
    deployment.put("locum.toml", &renamed);
    let said = refused(&deployment.config(), &[]);
    assert!(said.contains("not signed by this ledger's key"), "{said}");
    deployment.put("locum.toml", &settings);
    deployment.serve().stop();
}

#[test]
fn r24_a_ledger_does_not_go_on_without_its_key_or_under_another() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    deployment.serve().stop();
    let key = folder.path().join("keys/ledger.key");
    let own = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let said = refused(&deployment.config(), &[]);
    assert!(said.contains("ledger.key"), "{said}");
    assert!(said.contains("cannot go on under another key"), "{said}");
    assert!(!key.exists(), "a new key was made for an old ledger");

    let other = folder.path().join("other");
    let made = run(&["init", &other.display().to_string()], &[]);
    assert!(made.status.success(), "{made:?}");
    fs::copy(other.join("keys/ledger.key"), &key).unwrap();
    let said = refused(&deployment.config(), &[]);
    assert!(said.contains("not signed by this ledger's key"), "{said}");

    fs::write(&key, own).unwrap();
    deployment.serve().stop();
}

#[test]
fn what_init_writes_is_in_order_and_starts_unchanged() {
    for more in [&[][..], &["--example"]] {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("deploy");
        let made = made.display().to_string();
        let mut arguments = vec!["init", &made];
        arguments.extend(more);
        let written = run(&arguments, &[]);
        assert!(written.status.success(), "{written:?}");
        let config = Path::new(&made).join("locum.toml");

        let named = config.display().to_string();
        let checked = run(&["check", "--json", "--config", &named], &[]);
        assert!(checked.status.success(), "{checked:?}");
        let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
        assert_eq!(checked["is_valid"], json!(true), "{checked}");
        assert_eq!(checked["problems"], json!([]), "{checked}");

        // Twice: founded, and taken up again.
        for _ in 0..2 {
            let variables = other_ports();
            let port = variables[0].1.rsplit(':').next().unwrap().parse().unwrap();
            Locum::spawn(&config, &variables).ready(port).stop();
        }
        let verified = run(&["ledger", "verify", "--config", &named], &[]);
        assert!(verified.status.success(), "{verified:?}");
        let again = run(&["init", &made], &[]);
        assert_eq!(again.status.code(), Some(2), "a deployment was overwritten");
    }
}

#[test]
fn r22_a_start_alone_lets_nobody_act() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let session = deployment.session(1);
    let ended = deployment.session(2);
    deployment.end(&ended.id).unwrap().expect(200, "ending");
    locum.stop();
    let locum = deployment.serve();
    let called = deployment.call(&session.bearer, "/parcels/1").unwrap();
    called.expect(200, "a live session lives on");
    let called = deployment.call(&ended.bearer, "/parcels/1").unwrap();
    assert_eq!(
        called.expect(401, "an ended one does not").code(),
        "session-ended"
    );
    let shown = deployment
        .get(ASKER, "/api/v1/sessions?state=live")
        .unwrap();
    let shown = shown.json();
    let ids: Vec<&Value> = shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [&json!(session.id)]);
    locum.stop();
}
