//! What a rule looks at, as facts of one request in words.

use std::collections::BTreeSet;

use cedar_policy::{EntityUid, EvalResult, Policy};
use cedar_policy_symcc::Env;
use serde::Serialize;
use serde_json::{Value, json};

use crate::counter_example::noun;

/// One thing that is so in a counter-example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Such as `the request's requester`.
    pub of: String,
    /// Such as `person "ann"`.
    pub is: String,
}

/// `principal`, `resource` or `context`, and the attributes from there on.
type Path = Vec<String>;

/// The facts that these rules read, in alphabetical order.
pub(crate) fn facts<'p>(rules: impl Iterator<Item = &'p Policy>, found: &Env) -> Vec<Fact> {
    let mut read = BTreeSet::new();
    for rule in rules {
        if let Ok(json) = rule.to_json() {
            gather(&json, &mut read);
        }
    }
    let facts = read.iter().filter_map(|path| fact(path, found));
    let mut facts: Vec<Fact> = facts.flatten().collect();
    facts.dedup();
    facts
}

/// Every longest path in a rule's JSON form.
fn gather(json: &Value, read: &mut BTreeSet<Path>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| gather(item, read)),
        Value::Object(members) => {
            for (key, value) in members {
                if matches!(key.as_str(), "." | "has")
                    && let Some(path) = path(json)
                {
                    read.insert(path);
                    continue;
                }
                let of_entity = matches!(key.as_str(), "in" | "is" | "hasTag" | "getTag");
                if of_entity && let Some(path) = value.get("left").and_then(path) {
                    read.insert(path);
                }
                gather(value, read);
            }
        }
        _ => {}
    }
}

fn path(json: &Value) -> Option<Path> {
    if let Some(variable) = json.get("Var").and_then(Value::as_str) {
        return Some(vec![variable.to_owned()]);
    }
    let step = json.get(".").or_else(|| json.get("has"))?;
    let mut path = path(step.get("left")?)?;
    path.push(step.get("attr")?.as_str()?.to_owned());
    Some(path)
}

fn fact(path: &Path, found: &Env) -> Option<Vec<Fact>> {
    let (variable, attributes) = path.split_first()?;
    let (start, owner) = match variable.as_str() {
        "principal" => (found.request.principal()?, true),
        "resource" => (found.request.resource()?, true),
        "context" => (found.request.action()?, false),
        _ => return None,
    };
    let mut value = owner.then(|| EvalResult::EntityUid(start.clone()));
    let mut of = if owner {
        format!("this {}", noun(start))
    } else {
        String::new()
    };
    for attribute in attributes {
        let called = called(attribute, of.is_empty());
        of = if of.is_empty() {
            format!("the {called}")
        } else {
            format!("{of}'s {called}")
        };
        value = if owner || value.is_some() {
            step(&value?, attribute, found)
        } else {
            found.request.context()?.get(attribute)
        };
        if value.is_none() {
            return Some(vec![Fact {
                of,
                is: "not said".to_owned(),
            }]);
        }
    }
    match value? {
        // An entity that was looked into for its groups or its tags.
        EvalResult::EntityUid(uid) if attributes.is_empty() => Some(belonging(&of, &uid, found)),
        EvalResult::EntityUid(uid) => {
            let mut facts = vec![Fact {
                of: of.clone(),
                is: named(&uid, found),
            }];
            facts.extend(belonging(&of, &uid, found));
            Some(facts)
        }
        value => Some(vec![Fact {
            of,
            is: words(&value, found),
        }]),
    }
}

fn step(value: &EvalResult, attribute: &str, found: &Env) -> Option<EvalResult> {
    match value {
        EvalResult::EntityUid(uid) => found.entities.get(uid)?.attr(attribute)?.ok(),
        EvalResult::Record(record) => record.get(attribute).cloned(),
        _ => None,
    }
}

/// What an entity is in, and its tags.
fn belonging(of: &str, uid: &EntityUid, found: &Env) -> Vec<Fact> {
    let groups: BTreeSet<String> = found
        .entities
        .ancestors(uid)
        .into_iter()
        .flatten()
        .map(|group| named(group, found))
        .collect();
    let mut facts = Vec::new();
    if !groups.is_empty() {
        let groups: Vec<String> = groups.into_iter().collect();
        let of = format!("{of}'s groups");
        facts.push(Fact {
            of,
            is: groups.join(", "),
        });
    }
    let tags = found.entities.get(uid).into_iter().flat_map(|it| it.tags());
    let tags = tags.filter_map(|(tag, value)| Some((tag.to_owned(), value.ok()?)));
    let tags: BTreeSet<(String, String)> = tags
        .map(|(tag, value)| (tag, words(&value, found)))
        .collect();
    facts.extend(tags.into_iter().map(|(tag, is)| Fact {
        of: format!("{of}'s tag {tag:?}"),
        is,
    }));
    facts
}

/// What an attribute is called where its own name does not say it.
fn called(attribute: &str, is_of_context: bool) -> String {
    match attribute {
        "also" => "other accounts".to_owned(),
        "break_glass" if is_of_context => "emergency".to_owned(),
        "break_glass" => "emergencies to answer alone".to_owned(),
        "closed" => "closed operations".to_owned(),
        "crossed" => "applications crossed".to_owned(),
        "eligible" => "operations that eligibilities cover".to_owned(),
        "named" if is_of_context => "people named for the step".to_owned(),
        "today" => "date".to_owned(),
        other => other.replace('_', " "),
    }
}

/// `this person` for who or what the sentence is about, `person "ann"` otherwise; what the schema counts up goes by
/// its name alone.
fn named(uid: &EntityUid, found: &Env) -> String {
    let request = &found.request;
    match uid.type_name().basename() {
        "Authority" => format!("`{}`", uid.id().unescaped()),
        _ if request.principal() == Some(uid) || request.resource() == Some(uid) => {
            format!("this {}", noun(uid))
        }
        _ => format!("{} {:?}", noun(uid), uid.id().unescaped()),
    }
}

fn words(value: &EvalResult, found: &Env) -> String {
    match value {
        EvalResult::Bool(true) => "yes".to_owned(),
        EvalResult::Bool(false) => "no".to_owned(),
        EvalResult::Long(number) => number.to_string(),
        EvalResult::String(text) => format!("{text:?}"),
        EvalResult::EntityUid(uid) => named(uid, found),
        EvalResult::Set(set) if set.is_empty() => "none".to_owned(),
        EvalResult::Set(set) => {
            let items: BTreeSet<String> = set.iter().map(|item| words(item, found)).collect();
            items.into_iter().collect::<Vec<_>>().join(", ")
        }
        EvalResult::Record(record) => {
            let members = record.iter();
            let members = members.map(|(name, value)| format!("{name} {}", words(value, found)));
            format!("({})", members.collect::<Vec<_>>().join(", "))
        }
        EvalResult::ExtensionValue(text) => text.clone(),
    }
}

/// A value as JSON, entities as `{type, id}`.
pub(crate) fn json_of(value: &EvalResult) -> Value {
    match value {
        EvalResult::Bool(truth) => json!(truth),
        EvalResult::Long(number) => json!(number),
        EvalResult::String(text) | EvalResult::ExtensionValue(text) => json!(text),
        EvalResult::EntityUid(uid) => {
            json!({ "type": uid.type_name().basename(), "id": uid.id().unescaped() })
        }
        EvalResult::Set(set) => set.iter().map(json_of).collect(),
        EvalResult::Record(record) => record
            .iter()
            .map(|(name, value)| (name.clone(), json_of(value)))
            .collect(),
    }
}
