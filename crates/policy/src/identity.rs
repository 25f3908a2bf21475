//! Whether a policy reads who somebody is, and not only what they are.
//!
//! Two people who have the same roles, employer, standing and emergencies, and whom nothing in a question names, get
//! the same answer from every policy that reads no more of them than that: exchanging their names throughout would
//! change nothing that is compared. A policy that names a person, or reads an id or an account, may tell them apart.

use serde_json::Value;

/// What of a person is theirs alone.
const THEIRS_ALONE: [&str; 2] = ["id", "accounts"];

/// Whether somewhere in this policy, given as Cedar's JSON, a person is named, or a principal's id or account is read.
pub(crate) fn is_read(policy: &Value) -> bool {
    match policy {
        Value::Array(items) => items.iter().any(is_read),
        Value::Object(members) => {
            names_a_person(policy)
                || reads_what_is_theirs(policy)
                || members
                    .iter()
                    .any(|(name, member)| match (name.as_str(), member.get("left")) {
                        // A tag's key is looked up, and whoever is no key of it is like everybody else who is none.
                        ("hasTag" | "getTag", Some(tagged)) => {
                            is_read(tagged)
                                || member
                                    .get("right")
                                    .is_some_and(|key| !is_own_id(key) && is_read(key))
                        }
                        _ => is_read(member),
                    })
        }
        _ => false,
    }
}

/// `{ "type": "Locum::Person", "id": … }`, in a scope or in a condition.
fn names_a_person(value: &Value) -> bool {
    value.get("id").is_some()
        && value
            .get("type")
            .is_some_and(|kind| kind == "Locum::Person")
}

fn reads_what_is_theirs(expression: &Value) -> bool {
    let read = expression.get(".");
    let attribute = read.and_then(|it| it.get("attr")).and_then(Value::as_str);
    attribute.is_some_and(|attribute| THEIRS_ALONE.contains(&attribute))
}

fn is_own_id(expression: &Value) -> bool {
    let read = expression.get(".");
    let of = read.and_then(|it| it.get("left")?.get("Var"));
    let attribute = read.and_then(|it| it.get("attr"));
    of.is_some_and(|of| of == "principal") && attribute.is_some_and(|it| it == "id")
}
