//! R19: the published vectors hold for this verifier, and are the ones this source makes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod vectors;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use locum_sdk::{Impersonation, JwkSet, Verifier};
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/vectors");

fn read(name: &str) -> Value {
    let path = Path::new(FOLDER).join(format!("{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn told(impersonation: &Impersonation) -> Value {
    let mut told = json!({
        "actor": impersonation.actor.sub, "subject": impersonation.subject,
        "case": impersonation.case, "session": impersonation.session,
        "access_event": impersonation.access_event,
    });
    if let Some(prior) = &impersonation.actor.act {
        told["on_behalf_of"] = json!(prior.sub);
    }
    told
}

#[test]
fn r19_every_vector_is_accepted_or_refused_as_it_says() {
    for vector in vectors::all() {
        let file = read(vector.name);
        let text = |name: &str| file[name].as_str().unwrap().to_owned();
        let keys = JwkSet::from_json(&file["jwks"].to_string()).unwrap();
        let verifier = Verifier::new(text("issuer"), text("audience"), keys);
        let now = Timestamp::from_second(file["now"].as_i64().unwrap()).unwrap();
        let verdict = match verifier.verify(&text("token"), now) {
            Ok(impersonation) => json!({"accept": told(&impersonation)}),
            Err(rejection) => json!({"refuse": rejection.code()}),
        };
        assert_eq!(verdict, file["expect"], "{}: {}", vector.name, file["says"]);
    }
}

#[test]
fn the_files_are_what_the_source_makes_and_none_is_left_over() {
    let remedy = "run `cargo run -p locum-sdk --example write_vectors`";
    let mut names = BTreeSet::new();
    for vector in vectors::all() {
        let (mut file, mut made) = (read(vector.name), vector.content);
        if vector.name == "good-es256" {
            // ECDSA signs with fresh random bytes, so only what is signed can be compared.
            for content in [&mut file, &mut made] {
                let token = content["token"].as_str().unwrap();
                content["token"] = json!(token.rsplit_once('.').unwrap().0);
            }
        }
        assert_eq!(file, made, "{}: {remedy}", vector.name);
        assert!(names.insert(format!("{}.json", vector.name)));
    }
    let found: BTreeSet<String> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(found, names, "{remedy}, or remove what is left over");
}
