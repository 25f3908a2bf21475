//! Every value that the files of a deployment can say is weighed: taken away or altered, it is noted with a verdict of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

use locum_catalog::Bundle;
use locum_catalog::settings::Governed;
use locum_domain::Catalog;
use serde_json::json;
use toml::Value;

use crate::field::FieldChange;

type Files = BTreeMap<String, String>;

/// A house in which everything is said that files can say.
fn files() -> Files {
    macro_rules! house {
        ($($path:literal from $file:literal),+ $(,)?) => {
            [$(($path, include_str!(concat!("../../tests/weighing/house/", $file)))),+]
        };
    }
    let files = house![
        "catalog/people.toml" from "people.toml",
        "catalog/chains.toml" from "chains.toml",
        "catalog/eligibility.toml" from "eligibility.toml",
        "catalog/applications/billing.toml" from "billing.toml",
        "catalog/applications/wiki.toml" from "wiki.toml",
        "catalog/applications/wiki-subjects.toml" from "wiki-subjects.toml",
    ];
    let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
    files.into_iter().map(owned).collect()
}

fn settings() -> serde_json::Value {
    serde_json::from_str(include_str!("../../tests/weighing/house/settings.json")).unwrap()
}

fn catalog(files: &Files) -> Option<Catalog> {
    let bundle = Bundle::recorded(files.clone(), settings()).unwrap();
    bundle.parse().ok()
}

/// A step into a document.
#[derive(Clone)]
enum Step {
    Key(String),
    Place(usize),
}

/// Every value of the document, whole tables and lists too.
fn places(value: &Value, at: &[Step], found: &mut Vec<Vec<Step>>) {
    let below = |step: Step| [at, &[step]].concat();
    let children: Vec<(Step, &Value)> = match value {
        Value::Table(table) => table
            .iter()
            .map(|(key, it)| (Step::Key(key.clone()), it))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(place, it)| (Step::Place(place), it))
            .collect(),
        _ => Vec::new(),
    };
    for (step, child) in children {
        let at = below(step);
        places(child, &at, found);
        found.push(at);
    }
}

fn take(document: &mut Value, at: &[Step]) -> Option<Value> {
    let (last, above) = at.split_last()?;
    let mut value = document;
    for step in above {
        value = match step {
            Step::Key(key) => value.get_mut(key.as_str())?,
            Step::Place(place) => value.get_mut(*place)?,
        };
    }
    match (value, last) {
        (Value::Table(table), Step::Key(key)) => table.remove(key),
        (Value::Array(list), Step::Place(place)) => Some(list.remove(*place)),
        _ => None,
    }
}

fn put(document: &mut Value, at: &[Step], new: Value) {
    let mut value = document;
    for step in at {
        value = match step {
            Step::Key(key) => value.get_mut(key.as_str()).unwrap(),
            Step::Place(place) => value.get_mut(*place).unwrap(),
        };
    }
    *value = new;
}

/// Other values of the same kind; what of them no file may say is passed over.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let mut others = vec![format!("{text}x"), format!("x{text}"), "read".to_owned()];
            if let Ok(day) = text.parse::<jiff::civil::Date>() {
                others.push(day.yesterday().unwrap().to_string());
            }
            for word in [
                "dan@corp.example",
                "low",
                "hr",
                "service",
                "RS256",
                "with",
                "manager",
                "night",
                "/other",
                "GET /other",
                "X-Other",
                "http://127.0.0.1:9999",
                "127.0.0.1:9998",
                "env:OTHER",
                "query other",
                "speech",
                "invoice.read",
                "0000000000000000000000000000000000000000000000000000000000000000",
            ] {
                others.push(word.to_owned());
            }
            others.into_iter().map(Value::String).collect()
        }
        Value::Integer(number) => vec![Value::Integer(number + 1), Value::Integer(number - 1)],
        Value::Boolean(is) => vec![Value::Boolean(!is)],
        _ => Vec::new(),
    }
}

/// What differs between the catalogs, in a form that has no order.
fn differ(before: &Catalog, after: &Catalog) -> bool {
    let letters = |it: &Catalog| {
        let text = format!("{it:?}");
        let mut words: Vec<String> = text
            .split([',', '{', '}', '[', ']'])
            .map(str::to_owned)
            .collect();
        words.sort();
        words
    };
    letters(before) != letters(after)
}

#[test]
fn r33_every_value_of_a_catalog_is_weighed_by_a_field_of_its_own() {
    let before = files();
    let was = catalog(&before).unwrap();
    let (mut tried, mut keys) = (0, BTreeSet::new());
    for (path, text) in &before {
        let document: Value = toml::from_str(text).unwrap();
        let mut found = Vec::new();
        places(&document, &[], &mut found);
        for at in found {
            let mut without = document.clone();
            let value = take(&mut without, &at).unwrap();
            let mut versions = vec![without];
            for other in others(&value) {
                let mut altered = document.clone();
                put(&mut altered, &at, other);
                versions.push(altered);
            }
            let name: Vec<String> = at
                .iter()
                .map(|step| match step {
                    Step::Key(key) => key.clone(),
                    Step::Place(_) => "*".to_owned(),
                })
                .collect();
            let name = format!("{path}: {}", name.join("."));
            for altered in versions {
                let mut after = before.clone();
                after.insert(path.clone(), toml::to_string(&altered).unwrap());
                let Some(is) = catalog(&after) else { continue };
                if !differ(&was, &is) {
                    continue;
                }
                let weighed = super::of_catalogs(&was, &is);
                assert!(!weighed.is_empty(), "{name}:\n{}", after[path]);
                tried += 1;
                keys.insert(name.clone());
            }
        }
    }
    assert!(
        tried > 200 && keys.len() > 100,
        "{tried} of {} keys",
        keys.len()
    );
}

#[test]
fn r33_every_value_of_the_settings_is_weighed_by_a_field_of_its_own() {
    let read = |it: serde_json::Value| -> Governed { serde_json::from_value(it).unwrap() };
    let before = read(settings());
    for (pointer, value) in [
        ("/environment", json!("production")),
        ("/origin", json!("other.development")),
        ("/time_zone", json!("Asia/Tokyo")),
        ("/approvals_signature", json!("optional")),
        ("/overdue_reviews", json!("block")),
        ("/budgets/open_requests", json!(11)),
        ("/budgets/live_sessions", json!(4)),
        ("/budgets/subjects_per_day", json!(21)),
        ("/connectors/desk/kind", json!("roundup")),
        ("/connectors/desk/url", json!("http://127.0.0.1:9301/{id}")),
        ("/connectors/desk/map/state", json!("/status")),
        ("/connectors/desk/grace_seconds", json!(61)),
        (
            "/login/founders",
            json!(["sven@corp.example", "sam@corp.example"]),
        ),
        ("/login/rp_id", json!("corp.example")),
        ("/login/public_origin", json!("https://corp.example")),
        ("/login/oidc", json!(null)),
        ("/login/oidc/issuer", json!("https://other.example")),
        ("/login/oidc/client_id", json!("other")),
        ("/login/oidc/account_claim", json!("email")),
        ("/login/oidc/system", json!("desk")),
        ("/login/oidc/groups_claim", json!("teams")),
        ("/login/oidc/roles", json!({ "all": "support" })),
        ("/login/oidc/stepped_up_acr", json!(["pwd"])),
        ("/login/oidc/scopes", json!(["openid", "groups"])),
    ] {
        let mut after = settings();
        *after.pointer_mut(pointer).unwrap() = value;
        let weighed: Vec<FieldChange> = super::of_settings(Some(&before), &read(after));
        assert!(!weighed.is_empty(), "{pointer}");
    }
}

/// What this house does not say, nobody alters above.
#[test]
fn the_house_says_everything_that_files_can_say() {
    let catalog = catalog(&files()).unwrap();
    let mut billing = catalog.applications[&"billing".parse().unwrap()].clone();
    let operations = std::mem::take(&mut billing.operations);
    assert!(operations.values().any(|it| it.closed.is_some()));
    assert!(operations.values().any(|it| it.max_per_session.is_some()));
    let mut entries = vec![format!("{billing:?}")];
    entries.extend(catalog.agents.values().map(|it| format!("{it:?}")));
    entries.extend(catalog.chains.iter().skip(1).map(|it| format!("{it:?}")));
    for entry in entries {
        let bare = entry.replace("operations: {}", "");
        for silence in [": None", ": []", ": {}"] {
            assert!(!bare.contains(silence), "{silence} in {bare}");
        }
    }
}
