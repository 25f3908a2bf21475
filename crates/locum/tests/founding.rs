//! A production server begins with its founding, and says so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use common::client;
use common::deployment::Deployment;
use common::founder::Founder;
use common::process::{Locum, run};
use common::wait_for;
use serde_json::{Value, json};

const FOUNDERS: &str = "founders = [\"sol@harbour.example\", \"max@harbour.example\"]";

/// The deployment as a production one on this machine, with this in `[login]`.
fn production(deployment: &Deployment, login: &str) {
    let settings = fs::read_to_string(deployment.config()).unwrap();
    let settings = settings
        .replace("\"development\"", "\"production\"")
        .replace("example.development", "example")
        .replace("[login.development]\ntokens = \"file:tokens.toml\"", login)
        .replace("[approvals]\nsignature = \"optional\"\n", "");
    deployment.put("locum.toml", &settings);
}

/// Gives the application the key that a production server does not make.
fn with_assertion_key(deployment: &Deployment) {
    let other = deployment.folder.join("other");
    let made = run(&["init", &other.display().to_string()], &[]);
    assert!(made.status.success(), "{made:?}");
    let key = fs::read_to_string(other.join("keys/grants.key")).unwrap();
    deployment.put("keys/assertions/parcels.key", &key);
}

fn check(deployment: &Deployment, more: &[&str]) -> (Option<i32>, Value) {
    let config = deployment.config().display().to_string();
    let mut arguments = vec!["check", "--json", "--config", &config];
    arguments.extend(more);
    let output = run(&arguments, &[]);
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), document)
}

/// The links that a start printed, with their founders.
fn links(locum: &Locum) -> Vec<(String, String)> {
    wait_for("the links are printed", Duration::from_secs(10), || {
        let said = locum.said();
        let lines = said.lines().filter(|line| line.starts_with("founding "));
        let links: Vec<(String, String)> = lines.filter_map(link).collect();
        (links.len() == 2).then_some(links)
    })
}

fn link(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace().skip(1);
    let founder = words.next()?.to_owned();
    let (_, path) = words.next()?.split_once("/founding/")?;
    Some((founder, format!("/founding/{path}")))
}

/// Whether this link signs its founder in.
fn begins(deployment: &Deployment, link: &str) -> bool {
    let code = link.rsplit('/').next().unwrap();
    let origin = format!("http://localhost:{}", deployment.server);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let body = format!("code={code}");
    let answer = client::send(
        deployment.server,
        "POST /founding/begin",
        &headers,
        body.as_bytes(),
    );
    let answer = answer.unwrap();
    answer.status == 303 && answer.header("set-cookie").is_some()
}

#[test]
fn r33_a_production_server_begins_with_a_link_for_each_founder() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    production(&deployment, &format!("[login]\n{FOUNDERS}"));
    let (status, said) = check(&deployment, &[]);
    assert_eq!(status, Some(0), "{said}");
    let next = said["next"].as_str().unwrap();
    assert!(next.starts_with("next: the founding"), "{next}");
    let others = said["others"].as_str().unwrap();
    assert!(others.contains("come in by invitation"), "{others}");

    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("keys/assertions/parcels.key"), "{said}");
    assert!(
        said.contains("openssl genpkey -algorithm ed25519"),
        "{said}"
    );

    with_assertion_key(&deployment);
    let locum = deployment.serve();
    let first = links(&locum);
    let founders: Vec<&str> = first.iter().map(|(founder, _)| founder.as_str()).collect();
    assert_eq!(founders, ["max@harbour.example", "sol@harbour.example"]);
    for (_, path) in &first {
        let page = client::send(deployment.server, &format!("GET {path}"), &[], b"");
        page.unwrap().expect(200, "the founder's page");
    }
    // Nobody is signed in by anything that worked in development, and no other code begins anything.
    let asked = deployment.file(1).unwrap();
    asked.expect(401, "no development token");
    assert!(!begins(
        &deployment,
        &format!("/founding/{}", "0".repeat(64))
    ));
    let (_, said) = check(&deployment, &[]);
    let next = said["next"].as_str().unwrap();
    assert!(
        next.ends_with(
            "a passkey for the founding, of max@harbour.example and sol@harbour.example"
        ),
        "{next}"
    );
    locum.stop();

    // A new start makes new links, and the old ones open nothing.
    let locum = deployment.serve();
    let second = links(&locum);
    assert_eq!(second.len(), 2);
    let (_, old) = &first[0];
    assert!(second.iter().all(|(_, path)| path != old));
    assert!(!begins(&deployment, old));
    let (_, new) = &second[0];
    assert!(begins(&deployment, new));
    assert!(!begins(&deployment, new), "once");
    assert!(!folder.path().join("keys/founders").exists());
    // The name of a production ledger is another one than `init` began with.
    let kept = fs::read_to_string(folder.path().join("keys/ledger.vkey")).unwrap();
    assert!(kept.starts_with("ledger.harbour.example+"), "{kept}");
    locum.stop();
}

#[test]
fn r33_when_both_have_signed_the_terminal_and_a_file_tell_the_auditor_whose_keys_count() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    production(&deployment, &format!("[login]\n{FOUNDERS}"));
    with_assertion_key(&deployment);
    let locum = deployment.serve();
    let founders: Vec<(String, Founder)> = links(&locum)
        .into_iter()
        .zip([1, 2])
        .map(|((person, link), seed)| (person, Founder::begins(deployment.server, &link, seed)))
        .collect();
    let kept = folder.path().join("keys/founders");
    for (_, founder) in &founders {
        founder.enrols();
    }
    founders[0].1.signs();
    let (_, said) = check(&deployment, &[]);
    let next = said["next"].as_str().unwrap();
    assert_eq!(
        next,
        "next: the founding's signature, of sol@harbour.example"
    );
    assert!(!kept.exists(), "one signature is none");
    founders[1].1.signs();
    let keys: String = founders
        .iter()
        .map(|(person, founder)| format!("{person} {}\n", founder.fingerprint()))
        .collect();
    let told = |locum: &Locum| {
        wait_for("the fingerprints are told", Duration::from_secs(10), || {
            let said = locum.said();
            let is_told = |line: &str| said.contains(&format!("founder           {line}"));
            keys.lines().all(is_told).then_some(said)
        })
    };
    told(&locum);
    assert_eq!(fs::read_to_string(&kept).unwrap(), keys);
    locum.stop();
    // From then on a start tells them, and no link is printed any more.
    let locum = deployment.serve();
    let said = told(&locum);
    assert!(!said.contains("/founding/"), "{said}");
    locum.stop();
    let (_, said) = check(&deployment, &[]);
    assert!(
        said["next"].as_str().unwrap().contains("complete"),
        "{said}"
    );
    assert!(deployment.verify(&[]).status.success());
}

#[test]
fn r33_founders_and_provider_count_as_recorded_and_not_as_edited() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    production(&deployment, &format!("[login]\n{FOUNDERS}"));
    with_assertion_key(&deployment);
    deployment.serve().stop();
    // Somebody who can write the file names themselves, and a provider of their own.
    deployment.edit(
        "locum.toml",
        FOUNDERS,
        "founders = [\"iris@harbour.example\", \"ned@harbour.example\"]\n[login.oidc]\n\
         issuer = \"https://idp.elsewhere.example\"\nclient_id = \"locum\"",
    );
    let locum = deployment.serve();
    let founders: Vec<String> = links(&locum)
        .into_iter()
        .map(|(founder, _)| founder)
        .collect();
    assert_eq!(founders, ["max@harbour.example", "sol@harbour.example"]);
    let page = client::send(deployment.server, "GET /login", &[], b"").unwrap();
    assert!(
        !page.text().contains("elsewhere.example"),
        "{}",
        page.text()
    );
    let begun = client::send(deployment.server, "GET /login/oidc", &[], b"").unwrap();
    assert!(
        begun
            .header("location")
            .is_none_or(|to| !to.contains("elsewhere"))
    );
    locum.stop();
}

#[test]
fn check_live_asks_the_identity_provider() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let (port, document) = provider();
    let login = format!(
        "[login]\n{FOUNDERS}\n[login.oidc]\nissuer = \"http://127.0.0.1:{port}\"\nclient_id = \"locum\""
    );
    production(&deployment, &login);
    let finding = |said: &Value| {
        let all = said["live"].as_array().unwrap();
        all.iter()
            .find(|it| it["connector"] == "login.oidc")
            .unwrap()
            .clone()
    };
    let (_, said) = check(&deployment, &["--live"]);
    assert_eq!(finding(&said)["is_problem"], json!(false), "{said}");
    // A provider that says it is another one is none.
    *document.lock().unwrap() = "https://idp.elsewhere.example".to_owned();
    let (status, said) = check(&deployment, &["--live"]);
    assert_eq!(status, Some(2));
    assert_eq!(finding(&said)["is_problem"], json!(true), "{said}");
}

/// A provider that only says what it is; the text is the issuer it claims to be.
fn provider() -> (u16, std::sync::Arc<std::sync::Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let here = format!("http://127.0.0.1:{port}");
    let issuer = std::sync::Arc::new(std::sync::Mutex::new(here.clone()));
    let said = std::sync::Arc::clone(&issuer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap_or(0);
            let is_keys = String::from_utf8_lossy(&head[..read]).starts_with("GET /jwks");
            let body = if is_keys {
                json!({ "keys": [{
                    "kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                }] })
            } else {
                json!({
                    "issuer": *said.lock().unwrap(),
                    "authorization_endpoint": format!("{here}/auth"),
                    "token_endpoint": format!("{here}/token"),
                    "jwks_uri": format!("{here}/jwks"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["EdDSA", "RS256"],
                    "token_endpoint_auth_methods_supported": ["none"],
                    "code_challenge_methods_supported": ["S256"],
                })
            };
            let body = body.to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (port, issuer)
}
