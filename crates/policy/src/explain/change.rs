//! What would have to be otherwise for a `forbid` not to object.
//!
//! A rule objects while its conditions hold. They are taken apart at `&&`, `||` and `!`, each part is put to Cedar
//! by itself, and what remains are the smallest sets of parts that would have to come out the other way. It is the
//! rule's own condition that is read, so that what is said is as true as the rule.

use cedar_policy::{Authorizer, Decision, Policy, PolicyId, PolicySet};
use serde_json::{Value, json};

use super::fact::Found;
use super::part::wanted;

/// How many ways are told; who needs more reads the rule.
const MOST: usize = 6;

/// A part of a condition, and how it would have to come out.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    expression: Value,
    wanted: bool,
}

/// Sets of parts, each of which would be enough.
type Ways = Vec<Vec<Part>>;

/// The ways out, each in a sentence. None where the rule turns on nothing that anybody could change, such as the
/// authority whose step is decided.
pub(super) fn changes(policy: &Policy, found: &Found<'_>) -> Vec<String> {
    let Ok(json) = policy.to_json() else {
        return Vec::new();
    };
    let conditions = json.get("conditions").and_then(Value::as_array);
    let mut told: Vec<String> = Vec::new();
    for condition in conditions.into_iter().flatten() {
        let Some(body) = condition.get("body") else {
            continue;
        };
        let must_hold = condition.get("kind").and_then(Value::as_str) == Some("unless");
        for way in ways(body, must_hold, found) {
            let parts: Option<Vec<String>> = way
                .iter()
                .filter(|part| !is_implied(part, &way))
                .map(|part| wanted(&part.expression, part.wanted, found))
                .collect();
            if let Some(parts) = parts {
                let sentence = parts.join(", and ");
                if !told.contains(&sentence) {
                    told.push(sentence);
                }
            }
        }
    }
    // What needs least comes first.
    told.sort_by_key(|sentence| sentence.matches(", and ").count());
    told.truncate(MOST);
    told
}

/// How an expression that comes out the other way could come out as wanted.
fn ways(expression: &Value, wanted: bool, found: &Found<'_>) -> Ways {
    let sides = |operator: &str| {
        let both = expression.get(operator)?;
        Some((both.get("left")?, both.get("right")?))
    };
    if let Some(inner) = expression.get("!").and_then(|it| it.get("arg")) {
        return ways(inner, !wanted, found);
    }
    if let Some((left, right)) = sides("&&") {
        return match wanted {
            false => either(left, right, wanted, found),
            true => both(left, right, wanted, found),
        };
    }
    if let Some((left, right)) = sides("||") {
        return match wanted {
            true => either(left, right, wanted, found),
            false => both(left, right, wanted, found),
        };
    }
    vec![vec![Part {
        expression: expression.clone(),
        wanted,
    }]]
}

fn either(left: &Value, right: &Value, wanted: bool, found: &Found<'_>) -> Ways {
    let mut all = ways(left, wanted, found);
    all.extend(ways(right, wanted, found));
    all
}

/// What is already as wanted needs no change.
fn both(left: &Value, right: &Value, wanted: bool, found: &Found<'_>) -> Ways {
    let of = |side: &Value| match truth(side, found) {
        Some(is) if is == wanted => vec![Vec::new()],
        _ => ways(side, wanted, found),
    };
    let (left, right) = (of(left), of(right));
    let pairs = left.iter().flat_map(|one| {
        let join = move |other: &Vec<Part>| [one.clone(), other.clone()].concat();
        right.iter().map(join)
    });
    pairs.take(MOST * MOST).collect()
}

/// Whether another part of the same way says this one too: what is to be something must be there first.
fn is_implied(part: &Part, way: &[Part]) -> bool {
    let there = |attribute: &str| {
        let asks = part.expression.get(attribute)?;
        Some((asks.get("left")?.clone(), asks.get("attr")?.clone()))
    };
    match (there("has"), part.expression.get("hasTag")) {
        (Some((left, attribute)), _) if part.wanted => {
            let read = json!({ ".": { "left": left, "attr": attribute } });
            way.iter()
                .any(|it| it != part && holds(&it.expression, &read))
        }
        (None, None) => {
            // A delegation that would have to be there would be one in force.
            let tags = |it: &Part| it.wanted && it.expression.get("hasTag").is_some();
            names_tag(&part.expression) && way.iter().any(tags)
        }
        _ => false,
    }
}

/// Whether `whole` has `part` in it somewhere.
fn holds(whole: &Value, part: &Value) -> bool {
    whole == part
        || match whole {
            Value::Array(items) => items.iter().any(|it| holds(it, part)),
            Value::Object(members) => members.values().any(|it| holds(it, part)),
            _ => false,
        }
}

fn names_tag(expression: &Value) -> bool {
    match expression {
        Value::Array(items) => items.iter().any(names_tag),
        Value::Object(members) => members.contains_key("getTag") || members.values().any(names_tag),
        _ => false,
    }
}

/// Whether a policy is about such a request at all, whatever its conditions make of it.
pub(super) fn concerns(policy: &Policy, found: &Found<'_>) -> bool {
    let Ok(Value::Object(mut json)) = policy.to_json() else {
        return false;
    };
    json.insert("effect".to_owned(), json!("permit"));
    json.insert("conditions".to_owned(), json!([]));
    asked_alone(Value::Object(json), found) == Some(true)
}

/// What Cedar makes of one part by itself; `None` where it cannot be evaluated.
fn truth(expression: &Value, found: &Found<'_>) -> Option<bool> {
    let anything = json!({ "op": "All" });
    let alone = json!({
        "effect": "permit",
        "principal": anything,
        "action": anything,
        "resource": anything,
        "conditions": [{ "kind": "when", "body": expression }],
    });
    asked_alone(alone, found)
}

/// Whether a `permit`, given as JSON, would allow the request by itself.
fn asked_alone(permit: Value, found: &Found<'_>) -> Option<bool> {
    let policy = Policy::from_json(Some(PolicyId::new("alone")), permit).ok()?;
    let mut set = PolicySet::new();
    set.add(policy).ok()?;
    let answer = Authorizer::new().is_authorized(found.request, &set, found.entities);
    match answer.diagnostics().errors().next() {
        Some(_) => None,
        None => Some(answer.decision() == Decision::Allow),
    }
}
