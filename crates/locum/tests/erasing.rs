//! R26 over a real server: what the record held of one subject stands in no file any more, and the record is whole.

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

use common::deployment::{AUDITOR, Deployment, token};
use common::people::text;
use common::process::run;
use serde_json::{Value, json};

const CASE: u64 = 712_345;
const SUBJECT: &str = "c-712345";
const OBJECT: &str = "of-a-customer-0042";
const PIA: &str = "pia@harbour.example";
const CLEO: &str = "cleo@harbour.example";

/// A deployment with somebody for privacy and somebody for compliance.
fn deployed(folder: &Path) -> Deployment {
    let deployment = Deployment::write(folder);
    for (person, role) in [(PIA, "privacy"), (CLEO, "compliance")] {
        let people = "catalog/people.toml";
        let more =
            format!("\n[[person]]\nid = \"{person}\"\nname = \"{role}\"\nroles = [\"{role}\"]\n");
        let before = fs::read_to_string(folder.join(people)).unwrap();
        deployment.put(people, &(before + &more));
        let tokens = fs::read_to_string(folder.join("tokens.toml")).unwrap();
        deployment.put(
            "tokens.toml",
            &format!("{tokens}\"{}\" = \"{person}\"\n", token(person)),
        );
    }
    deployment
}

fn locum(deployment: &Deployment, person: &str, arguments: &[&str]) -> Output {
    let url = format!("http://localhost:{}", deployment.server);
    let token = token(person);
    let mut all = vec!["--url", &url, "--token", &token];
    all.extend(arguments);
    run(&all, &[])
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Somebody acted as the subject and touched something of theirs; it is over and reviewed.
fn over_and_reviewed(deployment: &Deployment) -> String {
    let session = deployment.session(CASE);
    let path = format!("/parcels/{OBJECT}");
    deployment.call(&session.bearer, &path).unwrap();
    deployment.end(&session.id).unwrap().expect(200, "ending");
    let reviews = deployment.get(AUDITOR, "/api/v1/reviews").unwrap();
    let review = reviews.expect(200, "the reviews").json()["items"][0].clone();
    let complete = format!("/api/v1/reviews/{}/complete", text(&review, "id"));
    let found =
        json!({ "finding": "justified", "note": "one parcel was looked up, as the case asked" });
    let done = deployment
        .post(&text(&review, "reviewer"), &complete, &found)
        .unwrap();
    done.expect(200, "reviewing");
    let request = deployment.get(AUDITOR, &format!("/api/v1/requests/{}", session.request));
    text(&request.unwrap().expect(200, "the request").json(), "event")
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, found),
            false => found.push(path),
        }
    }
}

/// The files in which one of these texts stands.
fn files_with(folder: &Path, texts: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    files_below(folder, &mut files);
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        let stands = |text: &&str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        texts.iter().any(stands)
    };
    files.retain(holds);
    files
        .iter()
        .map(|path| path.display().to_string())
        .collect()
}

#[test]
fn r26_after_an_erasure_no_file_of_the_deployment_tells_of_the_subject_and_the_record_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = deployed(folder.path());
    let server = deployment.serve();
    let event = over_and_reviewed(&deployment);
    let packs = tempfile::tempdir().unwrap();
    let export = |name: &str| {
        let pack = packs.path().join(name).display().to_string();
        let output = locum(
            &deployment,
            AUDITOR,
            &["evidence", "export", &event, "-o", &pack],
        );
        assert!(output.status.success(), "{output:?}");
        pack
    };
    let before = export("before.zip");
    let reason = ["--reason", "they asked for it in writing"];
    let asked = locum(
        &deployment,
        PIA,
        &["--json", "erase", SUBJECT, reason[0], reason[1]],
    );
    let erasure = text(&answer(&asked), "id");
    let own = locum(&deployment, PIA, &["erase", "--confirm", &erasure]);
    assert_eq!(own.status.code(), Some(1), "{own:?}");
    let done = answer(&locum(
        &deployment,
        CLEO,
        &["--json", "erase", "--confirm", &erasure],
    ));
    assert_eq!(done["state"], "done");
    assert_eq!(done["subject"], "erased");
    let listed = answer(&locum(&deployment, AUDITOR, &["--json", "erase", "--list"]));
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let after = export("after.zip");
    // Killed, so that whatever waits is still beside the store.
    let said = server.kill();

    assert!(!said.contains(SUBJECT) && !said.contains(OBJECT), "{said}");
    let hers = [SUBJECT, OBJECT, reason[1]];
    assert_eq!(files_with(folder.path(), &hers), Vec::<String>::new());
    let actor = files_with(folder.path(), &["iris@harbour.example"]);
    assert!(actor.iter().any(|path| path.ends_with(".db")), "{actor:?}");
    for (pack, is_erased) in [(&before, false), (&after, true)] {
        let verified = answer(&run(&["evidence", "verify", pack, "--json"], &[]));
        let findings = verified["findings"].as_array().unwrap();
        assert_eq!(findings.iter().any(|it| it["code"] == "erased"), is_erased);
    }
    assert_eq!(files_with(packs.path(), &[SUBJECT]), [before]);
    let verified = deployment.verify(&["--rebuild"]);
    assert!(verified.status.success(), "{verified:?}");
    assert_eq!(answer(&verified)["rebuilt"], json!([]));
    // And it is taken up as it is.
    deployment.serve().stop();
}
