//! `docs/reference/events.md` names every kind of event, and what it says in OCSF's words are OCSF's words.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/reference/events.md");
const SOURCE: &str = include_str!("../src/event/kind.rs");
const SCHEMA: &str = include_str!("../../../tests/ocsf/schema.json");

/// Every kind, from the function that tells it.
fn kinds() -> Vec<&'static str> {
    let (_, body) = SOURCE.split_once("pub fn kind(&self)").unwrap();
    let (body, _) = body.split_once("\n    }\n").unwrap();
    let kinds: Vec<&str> = body.split("=> \"").skip(1).collect();
    assert!(kinds.len() > 60, "{}", kinds.len());
    kinds
        .iter()
        .map(|it| it.split('"').next().unwrap())
        .collect()
}

#[test]
fn r22_every_kind_of_event_is_in_the_reference_and_in_its_mapping() {
    let (own, mapped) = PAGE.split_once("## In OCSF").unwrap();
    let mapped = mapped.split("### API Activity").next().unwrap();
    for kind in kinds() {
        assert!(
            own.contains(&format!("\n| `{kind}` | ")),
            "{kind} is in no table of docs/reference/events.md: run `cargo xtask gen`"
        );
        assert!(
            mapped.contains(&format!("`{kind}`")),
            "{kind} has no class in the OCSF table of docs/reference/events.md"
        );
    }
}

#[test]
fn r22_every_kind_says_when_it_happens() {
    for kind in kinds() {
        let row = PAGE
            .lines()
            .find(|line| line.starts_with(&format!("| `{kind}` | ")))
            .unwrap();
        let says = row.split(" | ").nth(2).unwrap();
        assert!(!says.trim().is_empty(), "{kind} has no documentation");
    }
}

fn examples() -> Vec<Value> {
    let blocks = PAGE.split("```json\n").skip(1);
    blocks
        .map(|it| serde_json::from_str(it.split("```").next().unwrap()).unwrap())
        .collect()
}

/// Every attribute is known here, is of its type, and all that are required are there.
fn holds(schema: &Value, of: &Value, given: &Value, place: &str) {
    let known = &of["attributes"];
    for (name, value) in given.as_object().unwrap() {
        let place = format!("{place}/{name}");
        let attribute = &known[name];
        assert!(attribute.is_object(), "{place} is not in the schema");
        let values = match value {
            Value::Array(values) => {
                assert_eq!(attribute["array"], true, "{place} is no list");
                values.clone()
            }
            one => {
                assert_eq!(attribute["array"], false, "{place} is a list");
                vec![one.clone()]
            }
        };
        let kind = attribute["type"].as_str().unwrap();
        for value in values {
            if attribute["object"] == true && kind != "object" {
                let of = &schema["objects"][kind];
                assert!(of.is_object(), "{place}: extract `{kind}` anew");
                holds(schema, of, &value, &place);
                continue;
            }
            let fits = match kind {
                "integer_t" | "long_t" | "timestamp_t" => value.is_i64(),
                "boolean_t" => value.is_boolean(),
                "object" => value.is_object(),
                _ => value.is_string(),
            };
            assert!(fits, "{place}: {value} is no {kind}");
            if let Some(them) = attribute["enum"].as_array() {
                let text = value.as_str().map_or(value.to_string(), str::to_owned);
                assert!(them.contains(&Value::from(text)), "{place}: {value}");
            }
        }
    }
    for (name, attribute) in known.as_object().unwrap() {
        let is_missing = attribute["required"] == true && given.get(name).is_none();
        assert!(!is_missing, "{place}/{name} is required");
    }
    let one_of = of["at_least_one"].as_array().unwrap();
    let has_one = one_of
        .iter()
        .any(|it| given.get(it.as_str().unwrap()).is_some());
    assert!(one_of.is_empty() || has_one, "{place}: one of {one_of:?}");
}

#[test]
fn r32_every_example_is_an_event_of_its_ocsf_class() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let examples = examples();
    assert_eq!(examples.len(), 8);
    for example in examples {
        let number = example["class_uid"].as_i64().unwrap();
        let class = &schema["classes"][number.to_string()];
        assert_eq!(example["category_uid"], class["category_uid"]);
        let kind = number * 100 + example["activity_id"].as_i64().unwrap();
        assert_eq!(example["type_uid"].as_i64().unwrap(), kind);
        assert_eq!(example["metadata"]["version"], schema["version"]);

        let code = example["metadata"]["event_code"].as_str().unwrap();
        assert!(kinds().contains(&code), "{code}");
        holds(&schema, class, &example, &number.to_string());
    }
}

#[test]
fn r32_every_activity_that_the_table_names_exists() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let (_, mapped) = PAGE.split_once("| class | kinds |").unwrap();
    let rows = mapped.lines().skip(2).take_while(|line| !line.is_empty());
    for row in rows.filter(|row| !row.starts_with("| none")) {
        let (class, kinds) = row.trim_matches('|').split_once('|').unwrap();
        let number = class.rsplit(", ").next().unwrap().trim();
        let activities = &schema["classes"][number]["attributes"]["activity_id"]["enum"];
        let activities = activities.as_array().unwrap();
        let named = kinds.split('(').skip(1).filter_map(|it| {
            let number: String = it.chars().take_while(char::is_ascii_digit).collect();
            (!number.is_empty()).then_some(number)
        });
        for activity in named {
            assert!(
                activities.contains(&Value::from(activity.clone())),
                "{class} has no activity {activity}"
            );
        }
    }
}
