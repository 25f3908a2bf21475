//! The demonstration's own catalog: consistent, and true of the applications beside it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::collections::BTreeSet;

use common::{Running, assertion, call, trust};
use jiff::civil::date;
use locum_demo::apps::{billing, crm};
use locum_demo::world::{PEOPLE, Ports, World};
use toml::{Table, Value};

fn world() -> World {
    World {
        ports: Ports {
            control: 8470,
            gateway: 8471,
            billing: 9101,
            crm: 9102,
            desk: 9300,
        },
        today: date(2026, 11, 20),
        login_secret: "of-this-run".to_owned(),
        webhook_secret: "whsec_c2VjcmV0".to_owned(),
        agent_public_jwk: r#"{"kty":"OKP"}"#.to_owned(),
    }
}

fn text(path: &str) -> String {
    let mut files = world().files().into_iter();
    files.find(|file| file.path == path).unwrap().text
}

fn toml(path: &str) -> Table {
    text(path).parse().unwrap()
}

fn names(table: &Table, list: &str) -> BTreeSet<String> {
    table[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap();
    list.iter().map(|entry| entry.as_str().unwrap()).collect()
}

#[test]
fn every_placeholder_is_filled_and_every_file_is_toml() {
    for file in world().files() {
        assert!(!file.text.contains("{{"), "{}", file.path);
        if file.path.ends_with(".toml") {
            file.text.parse::<Table>().unwrap();
        }
    }
    let server = &toml("locum.toml")["server"];
    assert_eq!(server["listen"].as_str(), Some("127.0.0.1:8470"));
    let desk = &toml("locum.toml")["connectors"]["desk"];
    assert_eq!(
        desk["url"].as_str(),
        Some("http://127.0.0.1:9300/cases/{id}")
    );
}

#[test]
fn everybody_may_sign_in_and_is_one_person_at_the_desk() {
    let people = toml("catalog/people.toml");
    let known = names(&people, "person");
    let tokens = toml("development-tokens.toml");
    let signed_in: BTreeSet<String> = tokens
        .values()
        .map(|person| person.as_str().unwrap().to_owned())
        .collect();
    let shown: BTreeSet<String> = PEOPLE.iter().map(|person| person.id.to_owned()).collect();
    assert_eq!(signed_in, known);
    assert_eq!(shown, known);
    for person in people["person"].as_array().unwrap() {
        assert_eq!(person["accounts"][0]["system"].as_str(), Some("desk"));
    }
    let alice = world().token("alice@corp.example");
    assert_eq!(tokens[&alice].as_str(), Some("alice@corp.example"));
}

#[test]
fn eligibility_and_ownership_name_only_what_exists() {
    let people = names(&toml("catalog/people.toml"), "person");
    let mut operations = BTreeSet::new();
    for id in ["billing", "crm"] {
        let application = toml(&format!("catalog/applications/{id}.toml"));
        assert!(people.contains(application["owner"].as_str().unwrap()));
        operations.extend(names(&application, "operation"));
    }
    let eligibility = toml("catalog/eligibility.toml");
    for entry in eligibility["eligibility"].as_array().unwrap() {
        assert!(people.contains(entry["owner"].as_str().unwrap()));
        for operation in texts(&entry["operations"]) {
            assert!(operations.contains(operation), "{operation}");
        }
        assert_eq!(entry["certified_until"].as_str(), Some("2027-02-18"));
    }
    let delegate = &toml("catalog/applications/crm.toml")["delegate"][0];
    assert_eq!(delegate["until"].as_str(), Some("2026-12-18"));
}

/// Does one of the application's routes cover `what`, a method and a path?
fn is_classified(application: &Table, what: &str) -> bool {
    let (method, path) = what.split_once(' ').unwrap();
    let operations = application["operation"].as_array().unwrap().iter();
    operations
        .flat_map(|operation| texts(&operation["routes"]))
        .any(|route| {
            let (wanted, pattern) = route.split_once(' ').unwrap();
            let (mut path, mut pattern) = (path.split('/'), pattern.split('/'));
            wanted == method
                && loop {
                    match (pattern.next(), path.next()) {
                        (Some("**"), _) | (None, None) => break true,
                        (Some("*"), Some(_)) => {}
                        (Some(literal), Some(segment)) if literal == segment => {}
                        _ => break false,
                    }
                }
        })
}

/// The addresses in a page after `before`, up to the quote.
fn addresses<'a>(page: &'a str, before: &str) -> Vec<&'a str> {
    let parts = page.split(before).skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

async fn crawl(application: &str, running: &Running, headers: &[(&str, &str)]) {
    let catalog = toml(&format!("catalog/applications/{application}.toml"));
    let mut waiting = vec!["/".to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !path.starts_with('/') || !seen.insert(path.clone()) {
            continue;
        }
        let what = format!("GET {path}");
        assert!(is_classified(&catalog, &what), "{application}: {what}");
        if path.ends_with("/export") {
            continue;
        }
        let answer = call(running.address, &what, headers, "").await;
        assert!(answer.status < 400, "{application}: {what}");
        if let Some(location) = answer.headers.get("location") {
            waiting.push(location.to_str().unwrap().to_owned());
        }
        for before in ["href=\"", "src=\""] {
            waiting.extend(
                addresses(&answer.body, before)
                    .into_iter()
                    .map(str::to_owned),
            );
        }
        for action in addresses(&answer.body, "method=\"post\" action=\"") {
            let what = format!("POST {action}");
            assert!(is_classified(&catalog, &what), "{application}: {what}");
        }
    }
    assert!(seen.len() > 6, "{application}: only {seen:?}");
}

#[tokio::test]
async fn the_catalog_classifies_every_link_and_form_of_the_applications() {
    let trusted = trust().await;
    let running =
        Running::of(|listener, shutdown| billing::serve(listener, trusted, shutdown)).await;
    let token = assertion(billing::AUDIENCE, "carol.diaz");
    crawl("billing", &running, &[("locum-assertion", &token)]).await;
    running.end().await;

    let trusted = trust().await;
    let running = Running::of(|listener, shutdown| crm::serve(listener, trusted, shutdown)).await;
    let token = assertion(crm::AUDIENCE, "carol");
    let headers = [
        ("locum-assertion", token.as_str()),
        ("x-remote-user", "carol"),
    ];
    crawl("crm", &running, &headers).await;
    running.end().await;

    let crm = toml("catalog/applications/crm.toml");
    for what in ["GET /contacts/c-301/events", "PATCH /contacts/c-301"] {
        assert!(is_classified(&crm, what), "{what}");
    }
}
