//! What a rule looks at, as facts of one request in words.

use std::collections::BTreeSet;

use cedar_policy::{Entities, EntityUid, EvalResult, Policy, Request};
use serde::Serialize;
use serde_json::{Value, json};

/// One thing that is so in a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fact {
    /// Where a rule finds it, such as `resource.requester`.
    #[serde(skip)]
    pub path: String,
    /// Such as `the request's requester`.
    pub of: String,
    /// Such as `person "ann"`.
    pub is: String,
}

/// Whose names the entities of a request have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The catalog's: they say who and what is meant.
    Catalog,
    /// A solver's: they mean nothing, and whom the request is about is just `this person`.
    Solver,
}

/// A request with everything that is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) request: &'a Request,
    pub(crate) entities: &'a Entities,
    pub(crate) names: Names,
}

/// `principal`, `resource` or `context`, and the attributes from there on.
type Path = Vec<String>;

/// The facts that these rules read, in the order of their paths.
pub fn facts<'p>(
    rules: impl Iterator<Item = &'p Policy>,
    request: &Request,
    entities: &Entities,
    names: Names,
) -> Vec<Fact> {
    let found = &Found {
        request,
        entities,
        names,
    };
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

/// Where an expression looks, if it is a variable or attributes of one.
pub(crate) fn path(json: &Value) -> Option<Path> {
    if let Some(variable) = json.get("Var").and_then(Value::as_str) {
        return Some(vec![variable.to_owned()]);
    }
    let step = json.get(".").or_else(|| json.get("has"))?;
    let mut path = path(step.get("left")?)?;
    path.push(step.get("attr")?.as_str()?.to_owned());
    Some(path)
}

fn fact(path: &Path, found: &Found<'_>) -> Option<Vec<Fact>> {
    let of = called_at(path, found)?;
    let at = path.join(".");
    let one = |is: String| {
        vec![Fact {
            path: at.clone(),
            of: of.clone(),
            is,
        }]
    };
    Some(match value_at(path, found) {
        None => one("not said".to_owned()),
        // An entity that was looked into for its groups or its tags.
        Some(EvalResult::EntityUid(uid)) if path.len() == 1 => belonging(&at, &of, &uid, found),
        Some(EvalResult::EntityUid(uid)) => {
            let mut facts = one(named(&uid, found));
            facts.extend(belonging(&at, &of, &uid, found));
            facts
        }
        Some(value) => {
            let is_date = path.last().is_some_and(|it| is_date(it));
            one(match &value {
                EvalResult::Long(number) if is_date => day(*number),
                value => words(value, found),
            })
        }
    })
}

/// What stands at a path: `None` where the request does not say.
pub(crate) fn value_at(path: &Path, found: &Found<'_>) -> Option<EvalResult> {
    let (variable, attributes) = path.split_first()?;
    let (mut value, attributes) = match variable.as_str() {
        "principal" => (entity(found.request.principal()?), attributes),
        "resource" => (entity(found.request.resource()?), attributes),
        "context" => {
            let (first, rest) = attributes.split_first()?;
            (found.request.context()?.get(first)?, rest)
        }
        _ => return None,
    };
    for attribute in attributes {
        value = step(&value, attribute, found)?;
    }
    Some(value)
}

fn entity(uid: &EntityUid) -> EvalResult {
    EvalResult::EntityUid(uid.clone())
}

/// What stands at a path, in words: `this application's tier`, `the duration minutes`.
pub(crate) fn called_at(path: &Path, found: &Found<'_>) -> Option<String> {
    let (variable, attributes) = path.split_first()?;
    let mut of = match variable.as_str() {
        "principal" => format!("this {}", noun(found.request.principal()?)),
        "resource" => format!("this {}", noun(found.request.resource()?)),
        "context" if !attributes.is_empty() => String::new(),
        _ => return None,
    };
    for attribute in attributes {
        let called = called(attribute, of.is_empty());
        of = match of.as_str() {
            "" => format!("the {called}"),
            owner => format!("{owner}'s {called}"),
        };
    }
    Some(of)
}

/// Whether an attribute is a day, as a number that compares.
fn is_date(attribute: &str) -> bool {
    matches!(attribute, "today" | "certified_until" | "from" | "until")
}

/// 20261231 as a day; another number as it is.
fn day(number: i64) -> String {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    match (1_000..=9_999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day) {
        true => format!("{year}-{month:02}-{day:02}"),
        false => number.to_string(),
    }
}

fn step(value: &EvalResult, attribute: &str, found: &Found<'_>) -> Option<EvalResult> {
    match value {
        EvalResult::EntityUid(uid) => found.entities.get(uid)?.attr(attribute)?.ok(),
        EvalResult::Record(record) => record.get(attribute).cloned(),
        _ => None,
    }
}

/// What an entity is in, and its tags.
fn belonging(at: &str, of: &str, uid: &EntityUid, found: &Found<'_>) -> Vec<Fact> {
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
        facts.push(Fact {
            path: at.to_owned(),
            of: format!("{of}'s groups"),
            is: groups.join(", "),
        });
    }
    let tags = found.entities.get(uid).into_iter().flat_map(|it| it.tags());
    let tags = tags.filter_map(|(tag, value)| Some((tag.to_owned(), value.ok()?)));
    let tags: BTreeSet<(String, String)> = tags
        .map(|(tag, value)| (tag, words(&value, found)))
        .collect();
    facts.extend(tags.into_iter().map(|(tag, is)| Fact {
        path: at.to_owned(),
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
        "two_people" => "need of two people".to_owned(),
        "unconfirmed_case" => "case without a witness".to_owned(),
        "writes_regulated" => "writing to regulated data".to_owned(),
        other => other.replace('_', " "),
    }
}

/// `person "ann"`; under a solver's names `this person` for who or what the request is about. What the schema counts
/// up goes by its name alone.
pub(crate) fn named(uid: &EntityUid, found: &Found<'_>) -> String {
    let request = &found.request;
    match uid.type_name().basename() {
        "Authority" => format!("`{}`", uid.id().unescaped()),
        "Request" => "this request".to_owned(),
        _ if found.names == Names::Solver
            && (request.principal() == Some(uid) || request.resource() == Some(uid)) =>
        {
            format!("this {}", noun(uid))
        }
        _ => format!("{} {:?}", noun(uid), uid.id().unescaped()),
    }
}

pub(crate) fn words(value: &EvalResult, found: &Found<'_>) -> String {
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
            let members = record.iter().map(|(name, value)| match value {
                EvalResult::Long(number) if is_date(name) => format!("{name} {}", day(*number)),
                value => format!("{name} {}", words(value, found)),
            });
            format!("({})", members.collect::<Vec<_>>().join(", "))
        }
        EvalResult::ExtensionValue(text) => text.clone(),
    }
}

/// A value as JSON, entities as `{type, id}`.
pub fn told_as_json(value: &EvalResult) -> Value {
    match value {
        EvalResult::Bool(truth) => json!(truth),
        EvalResult::Long(number) => json!(number),
        EvalResult::String(text) | EvalResult::ExtensionValue(text) => json!(text),
        EvalResult::EntityUid(uid) => {
            json!({ "type": uid.type_name().basename(), "id": uid.id().unescaped() })
        }
        EvalResult::Set(set) => set.iter().map(told_as_json).collect(),
        EvalResult::Record(record) => record
            .iter()
            .map(|(name, value)| (name.clone(), told_as_json(value)))
            .collect(),
    }
}

/// What one of these is called.
pub fn noun(uid: &EntityUid) -> String {
    uid.type_name().basename().to_lowercase()
}
