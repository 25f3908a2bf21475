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
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use common::client;
use common::deployment::Deployment;
use common::founder::Founder;
use common::process::{Locum, run};
use common::{free_port, wait_for, wait_until};
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

/// The link of each founder that a start kept, by founder.
fn links(deployment: &Deployment) -> Vec<(String, String)> {
    let entries = fs::read_dir(deployment.folder.join("keys/founding")).unwrap();
    let mut links: Vec<(String, String)> =
        entries.map(|entry| link(&entry.unwrap().path())).collect();
    links.sort();
    links
}

fn link(file: &Path) -> (String, String) {
    let mode = file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{}", file.display());
    let text = fs::read_to_string(file).unwrap();
    let (_, path) = text.trim_end().split_once("/founding/").unwrap();
    let founder = file.file_name().unwrap().to_str().unwrap();
    let founder = founder.strip_suffix(".link").unwrap().to_owned();
    (founder, format!("/founding/{path}"))
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
fn r33_a_production_server_begins_with_a_link_for_each_founder_in_a_file_of_its_own() {
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
    let first = links(&deployment);
    let founders: Vec<&str> = first.iter().map(|(founder, _)| founder.as_str()).collect();
    assert_eq!(founders, ["max@harbour.example", "sol@harbour.example"]);
    for ((founder, path), name) in first.iter().zip(["Max Moor", "Sol Sears"]) {
        // Whoever reads the terminal, or the log of the service, is told where each link is, and reads none.
        let file = format!("keys/founding/{founder}.link");
        let told = wait_for("the file is told", Duration::from_secs(10), || {
            let said = locum.said();
            let line = said.lines().find(|line| line.contains(&file))?;
            Some(line.to_owned())
        });
        let start = format!("founding          {founder}: their link is in ");
        assert!(told.starts_with(&start), "{told}");
        let code = path.rsplit('/').next().unwrap();
        assert!(!locum.said().contains(code), "{}", locum.said());
        let page = client::send(deployment.server, &format!("GET {path}"), &[], b"");
        let page = page.unwrap().expect(200, "the founder's page").text();
        assert!(page.contains(name), "{page}");
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
    let second = links(&deployment);
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
    let founders: Vec<(String, Founder)> = links(&deployment)
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
    wait_until("the first link is gone", Duration::from_secs(10), || {
        links(&deployment).len() == 1
    });
    assert_eq!(links(&deployment)[0].0, founders[1].0);
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
    let links = folder.path().join("keys/founding");
    assert!(!links.exists());
    locum.stop();
    // From then on a start tells them, and no link is made any more.
    let locum = deployment.serve();
    let said = told(&locum);
    assert!(!said.contains("their link"), "{said}");
    assert!(!links.exists());
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
    let founders: Vec<String> = links(&deployment)
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
fn r33_where_there_is_an_identity_provider_no_link_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let (port, _) = provider();
    let issuer = format!("http://127.0.0.1:{port}");
    production(
        &deployment,
        &format!("[login]\n{FOUNDERS}\n[login.oidc]\nissuer = \"{issuer}\"\nclient_id = \"locum\""),
    );
    with_assertion_key(&deployment);
    // What an earlier start left behind opens nothing, and does not stay.
    deployment.put(
        "keys/founding/max@harbour.example.link",
        "http://localhost/founding/old",
    );
    let how = format!(
        "max@harbour.example and sol@harbour.example sign in at {issuer} and found at http://localhost:{}/founding",
        deployment.server
    );
    let (_, said) = check(&deployment, &[]);
    assert!(
        said["next"]
            .as_str()
            .unwrap()
            .starts_with("next: the founding"),
        "{said}"
    );
    let locum = deployment.serve();
    wait_until("the way is told", Duration::from_secs(10), || {
        locum.said().contains(&how)
    });
    assert!(!folder.path().join("keys/founding").exists());
    let page = client::send(deployment.server, "GET /founding", &[], b"").unwrap();
    assert_eq!(page.header("location"), Some("/login?to=%2Ffounding"));
    locum.stop();
}

#[test]
fn r13_production_without_signatures_says_so_at_every_start_and_without_founders_only_so() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let provider = "[login.oidc]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"locum\"";
    production(&deployment, provider);
    with_assertion_key(&deployment);
    let (status, said) = check(&deployment, &[]);
    assert_eq!(status, Some(2), "{said}");
    let remedy = "before anybody can sign in, name two people who enrol the first passkeys: [login] \
                  founders = [\"PERSON\", \"PERSON\"]";
    assert_eq!(said["problems"][0]["hint"], remedy, "{said}");
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains(remedy), "{said}");

    let settings = fs::read_to_string(deployment.config()).unwrap();
    let unsigned = format!("{settings}\n[approvals]\nsignature = \"optional\"\n");
    deployment.put("locum.toml", &unsigned);
    let (status, said) = check(&deployment, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.to_string()
            .contains("approvals need NO signature in production"),
        "{said}"
    );
    for _ in 0..2 {
        let locum = deployment.serve();
        wait_until("it is said", Duration::from_secs(10), || {
            locum
                .said()
                .contains("\nUNSIGNED: approvals need NO signature in production")
        });
        locum.stop();
    }
    // Nobody can demand signatures of a ledger in which nobody will ever be able to sign: what was recorded counts.
    deployment.put(
        "locum.toml",
        &settings.replace(
            "[login.oidc]",
            &format!("[login]\n{FOUNDERS}\n[login.oidc]"),
        ),
    );
    let locum = deployment.serve();
    wait_until("it is said still", Duration::from_secs(10), || {
        locum.said().contains("\nUNSIGNED: ")
    });
    assert!(!locum.said().contains("found at"), "{}", locum.said());
    locum.stop();
}

#[test]
fn r33_the_name_that_passkeys_are_bound_to_does_not_follow_an_edited_file() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let own = format!("public_url = \"http://localhost:{}\"", deployment.server);
    let other = format!(
        "public_url = \"http://desk.localhost:{}\"",
        deployment.server
    );
    // A development server takes the new name, and records it.
    deployment.serve().stop();
    deployment.edit("locum.toml", &own, &other);
    let locum = deployment.serve();
    assert!(!locum.said().contains("have no effect"), "{}", locum.said());
    locum.stop();

    let folder = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(folder.path());
    let own = format!("public_url = \"http://localhost:{}\"", deployment.server);
    let other = format!(
        "public_url = \"http://desk.localhost:{}\"",
        deployment.server
    );
    production(&deployment, &format!("[login]\n{FOUNDERS}"));
    with_assertion_key(&deployment);
    deployment.serve().stop();
    deployment.edit("locum.toml", &own, &other);
    let (status, said) = Locum::spawn(&deployment.config(), &[]).ended();
    assert_eq!(status.code(), Some(2), "{said}");
    let why = format!("http://localhost:{} was recorded", deployment.server);
    assert!(said.contains(&why), "{said}");
    deployment.edit("locum.toml", &other, &own);
    deployment.serve().stop();
}

#[test]
fn what_init_wrote_starts_in_production_without_any_key_made_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let wrote = run(&["init", "--example", &made.display().to_string()], &[]);
    assert!(wrote.status.success(), "{wrote:?}");
    let config = made.join("locum.toml");
    let (server, gateway) = (free_port(), free_port());
    let settings = fs::read_to_string(&config)
        .unwrap()
        .replace(
            "environment = \"development\"",
            "environment = \"production\"",
        )
        .replace("locum.example.development", "locum.example")
        .replace(
            "[login.development]\ntokens = \"file:development-tokens.toml\"",
            "[login]\nfounders = [\"sam@corp.example\", \"prya@corp.example\"]",
        )
        .replace("\nsignature = \"optional\"", "")
        .replace("localhost:8470", &format!("localhost:{server}"))
        .replace("127.0.0.1:8470", &format!("127.0.0.1:{server}"))
        .replace("127.0.0.1:8471", &format!("127.0.0.1:{gateway}"));
    fs::write(&config, settings).unwrap();
    Locum::spawn(&config, &[]).ready(server).stop();
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
