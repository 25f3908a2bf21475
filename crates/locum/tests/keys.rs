//! Locum's own keys: separate, rotated on the record, and known to everybody by their public halves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::client;
use common::deployment::{ASKER, Deployment};
use common::process::run;
use serde_json::{Value, json};

const SECURITY: &str = "sol@harbour.example";

/// The ids of the published keys.
fn published(deployment: &Deployment) -> BTreeSet<String> {
    let answer = client::send(deployment.server, "GET /.well-known/jwks.json", &[], b"");
    let keys = answer.unwrap().expect(200, "keys are public").json();
    let keys = keys["keys"].as_array().unwrap();
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// What `locum keys list --config` says, beside a server or without one.
fn listed(deployment: &Deployment) -> Vec<Value> {
    let config = deployment.config().display().to_string();
    let output = run(&["keys", "list", "--json", "--config", &config], &[]);
    assert!(output.status.success(), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["keys"].as_array().unwrap().clone()
}

fn kid_of(keys: &[Value], purpose: &str) -> String {
    let of = |key: &&Value| key["purpose"] == purpose && key.get("retired_at").is_none();
    let key = keys.iter().find(of).unwrap();
    key["kid"].as_str().unwrap().to_owned()
}

#[test]
fn r33_a_key_is_rotated_through_the_server_and_its_public_half_outlives_it() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let locum = deployment.serve();
    let session = deployment.session(1);
    let before = listed(&deployment);
    assert_eq!(before.len(), 3, "{before:?}");
    let assertion = kid_of(&before, "assertion");
    let (grant, access) = (kid_of(&before, "grant"), kid_of(&before, "access-token"));
    let all = BTreeSet::from([assertion.clone(), grant.clone(), access.clone()]);
    assert_eq!(published(&deployment), all, "one key for each purpose");

    let path = "/api/v1/keys/assertion/rotate";
    let parcels = json!({ "application": "parcels" });
    let refused = deployment.post(ASKER, path, &parcels).unwrap();
    assert_eq!(refused.expect(403, "not hers").code(), "not-an-approver");
    let refused = deployment.post(SECURITY, path, &json!({})).unwrap();
    refused.expect(422, "whose assertions?");
    let rotate = |purpose: &str, body: &Value| {
        let path = format!("/api/v1/keys/{purpose}/rotate");
        let answer = deployment.post(SECURITY, &path, body).unwrap();
        answer.expect(200, "rotated").json()
    };
    let rotation = rotate("assertion", &parcels);
    assert_eq!(rotation["old_kid"], json!(assertion));
    // The application hears from the new key at once.
    let called = deployment.call(&session.bearer, "/parcels/1").unwrap();
    called.expect(200, "the session goes on");
    // What the grant's key signed is verified on; what the access token's key signed is not.
    rotate("grant", &json!({}));
    let exchanged = deployment.exchange(&session.grant_token).unwrap();
    let again = exchanged.expect(200, "the grant stands").json();
    rotate("access-token", &json!({}));
    let called = deployment.call(&session.bearer, "/parcels/1").unwrap();
    called.expect(401, "signed by the old key");
    let bearer = again["access_token"].as_str().unwrap();
    deployment
        .call(bearer, "/parcels/1")
        .unwrap()
        .expect(401, "that one too");
    let fresh = deployment.exchange(&session.grant_token).unwrap();
    let fresh = fresh.expect(200, "a fresh one").json();
    let bearer = fresh["access_token"].as_str().unwrap();
    deployment
        .call(bearer, "/parcels/1")
        .unwrap()
        .expect(200, "and it opens");

    let after = listed(&deployment);
    assert_eq!(after.len(), 6);
    assert_ne!(kid_of(&after, "assertion"), assertion);
    let feed = deployment.feed(None);
    let rotations = feed.iter().filter(|it| it["kind"] == "key-rotated");
    assert_eq!(rotations.count(), 3);
    let now = published(&deployment);
    assert!(now.is_superset(&all) && now.len() == 6, "{now:?}");
    locum.stop();

    // The same ring after a restart, and a sound ledger.
    let locum = deployment.serve();
    assert_eq!(published(&deployment), now);
    assert_eq!(listed(&deployment), after);
    locum.stop();
    assert!(deployment.verify(&[]).status.success());
}

#[test]
fn r22_a_key_that_was_made_and_not_recorded_is_taken_away_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    deployment.serve().stop();
    let before = listed(&deployment);
    let keys = folder.path().join("keys");
    let key = fs::read_to_string(keys.join("grants.key")).unwrap();
    let waiting = keys
        .join("next")
        .join(format!("{}.key", kid_of(&before, "assertion")));
    fs::create_dir_all(waiting.parent().unwrap()).unwrap();
    let note = format!("purpose: assertion\napplication: parcels\nby: {SECURITY}\n{key}");
    fs::write(&waiting, note).unwrap();
    deployment.serve().stop();
    assert!(!waiting.exists(), "nobody recorded it");
    assert_eq!(listed(&deployment), before);
}
