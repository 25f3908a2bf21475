//! The generated JSON Schema and the reader know the same keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use locum_catalog::{Settings, schema};
use serde_json::Value;

/// The keys that the reader knows in a table: what it lists when it meets one that is like none of them.
fn read_by_the_reader(head: &str) -> BTreeSet<String> {
    let text = format!("{head}\nzzzzzzzzzzzzzzzzzzzz = 1\n");
    let problems = Settings::parse(&text, &BTreeMap::new(), Path::new("")).unwrap_err();
    let unknown = problems
        .iter()
        .find(|problem| problem.message.contains("unknown key `zzzz"));
    let hint = unknown
        .unwrap_or_else(|| panic!("{head}: {problems:?}"))
        .hint
        .clone()
        .unwrap();
    let (_, names) = hint.split_once(" has ").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

fn in_the_schema(table: &Value) -> BTreeSet<String> {
    table["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    let schema = schema::settings();
    let top = &schema["properties"];
    assert_eq!(in_the_schema(&schema), read_by_the_reader(""));
    for section in [
        "server",
        "gateway",
        "store",
        "catalog",
        "policies",
        "ledger",
        "login",
        "approvals",
        "budgets",
    ] {
        assert_eq!(
            in_the_schema(&top[section]),
            read_by_the_reader(&format!("[{section}]")),
            "{section}"
        );
    }
    for section in ["development", "passkeys", "oidc"] {
        let table = &top["login"]["properties"][section];
        assert_eq!(
            in_the_schema(table),
            read_by_the_reader(&format!("[login.{section}]")),
            "{section}"
        );
    }
    let kinds = top["connectors"]["additionalProperties"]["oneOf"]
        .as_array()
        .unwrap();
    for (kind, table) in ["generic", "roundup"].into_iter().zip(kinds) {
        let head = format!("[connectors.desk]\nkind = \"{kind}\"");
        assert_eq!(in_the_schema(table), read_by_the_reader(&head), "{kind}");
        let map = format!("{head}\n[connectors.desk.map]");
        assert_eq!(
            in_the_schema(&table["properties"]["map"]),
            read_by_the_reader(&map),
            "{kind} map"
        );
    }
    let live = "[connectors.desk]\nkind = \"generic\"\n[connectors.desk.live]";
    assert_eq!(
        in_the_schema(&kinds[0]["properties"]["live"]),
        read_by_the_reader(live)
    );
}

#[test]
fn every_table_is_closed_and_every_key_is_explained() {
    fn walk(table: &Value, keys: &mut usize) {
        for (name, key) in table["properties"].as_object().unwrap() {
            if key["properties"].is_object() {
                assert_eq!(key["additionalProperties"], false, "{name}");
                walk(key, keys);
            } else {
                *keys += 1;
                assert!(
                    key["description"]
                        .as_str()
                        .is_some_and(|says| says.ends_with('.')),
                    "{name}"
                );
            }
        }
    }
    let schema = schema::settings();
    let mut keys = 0;
    walk(&schema, &mut keys);
    assert!(keys > 15);
    assert_eq!(
        schema["required"],
        serde_json::json!(["environment", "server", "gateway", "ledger"])
    );
}
