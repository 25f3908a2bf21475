//! Two organisations: one runs the ledger, the other is its witness, and an auditor trusts both (R24).

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

use common::deployment::{AUDITOR, Deployment, token};
use common::people::text;
use common::process::run;
use common::witness::{Beta, SOON, ledger_key};
use common::{client, wait_for, wait_until};
use locum_tlog::{Checkpoint, TrustPolicy};

fn is_witnessed(deployment: &Deployment, policy: &TrustPolicy) -> bool {
    let note = client::send(deployment.server, "GET /ledger/checkpoint", &[], b"").unwrap();
    let newest = String::from_utf8(note.body).unwrap();
    policy.verify(newest, None).is_ok()
}

#[test]
fn r24_an_auditor_reads_how_many_outside_witnesses_saw_the_history() {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let vkey = ledger_key(&deployment).verifier_key().to_string();
    let beta = Beta::of(&home.path().join("beta"), &vkey);
    let witness = beta.serve();
    beta.is_trusted_by(&deployment);
    let server = deployment.serve();
    let handed_out = deployment.folder.join("keys/ledger.policy");
    let policy = TrustPolicy::parse(fs::read(&handed_out).unwrap()).unwrap();
    wait_until("the founding is witnessed", SOON, || {
        is_witnessed(&deployment, &policy)
    });

    let session = deployment.session(7);
    deployment.end(&session.id).unwrap().expect(200, "ending");
    wait_until("the end is witnessed", SOON, || {
        is_witnessed(&deployment, &policy)
    });

    // The evidence, checked by somebody who trusts the witness.
    let pack = home.path().join("pack.zip").display().to_string();
    let path = format!("/api/v1/requests/{}", session.request);
    let request = deployment
        .get(AUDITOR, &path)
        .unwrap()
        .expect(200, "reading");
    let event = text(&request.json(), "event");
    let url = format!("http://localhost:{}", deployment.server);
    let auditor = token(AUDITOR);
    let export = [
        "--url", &url, "--token", &auditor, "evidence", "export", &event, "-o", &pack,
    ];
    let exported = run(&export, &[]);
    assert!(exported.status.success(), "{exported:?}");
    let policy_file = handed_out.display().to_string();
    let verified = run(
        &["evidence", "verify", &pack, "--policy", &policy_file],
        &[],
    );
    assert!(verified.status.success(), "{verified:?}");
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(said.contains("seen by 1 outside witness"), "{said}");
    let alone = run(&["evidence", "verify", &pack, "--key", &vkey], &[]);
    let said = String::from_utf8(alone.stdout).unwrap();
    assert!(said.contains("vouched for by the operator alone"), "{said}");

    // The witness goes: it is said, and everything goes on.
    witness.stop();
    deployment.session(8);
    wait_for("the record says that the witness is silent", SOON, || {
        let feed = deployment.feed(None);
        feed.into_iter()
            .find(|item| item["kind"] == "witness-heard" && item["event"]["standing"] == "silent")
    });
    assert!(!is_witnessed(&deployment, &policy));
    let witness = beta.serve();
    wait_until("it is witnessed again", SOON, || {
        is_witnessed(&deployment, &policy)
    });
    server.stop();

    // A copy of the key signs another history of the same length: the witness refuses, and keeps the proof.
    let signed = newest_of(&beta);
    let split = ledger_key(&deployment).sign_checkpoint(signed.size, locum_tlog::leaf_hash(b"x"));
    let body = format!("old {}\n\n{split}", signed.size);
    let answer = client::send(beta.port, "POST /add-checkpoint", &[], body.as_bytes()).unwrap();
    assert_eq!(answer.status, 422);
    witness.stop();
    let kept = fs::read_dir(Path::new(&beta.folder).join("memory")).unwrap();
    let conflicts = kept.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|it| it == "conflict")
    });
    assert_eq!(conflicts.count(), 1);
}

/// What the witness cosigned last.
fn newest_of(beta: &Beta) -> locum_tlog::UnverifiedCheckpoint {
    let memory = fs::read_dir(Path::new(&beta.folder).join("memory")).unwrap();
    let file = memory
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "checkpoint"));
    Checkpoint::parse_unverified(fs::read(file.unwrap()).unwrap()).unwrap()
}
