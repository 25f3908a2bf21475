//! What a rule cannot be true without, where its first condition says so before it reads anything that could fail.
//!
//! A rule whose need is not met is false, so that Cedar is not asked about it. Most requests have no sponsor and no
//! second person in them, and few steps were demanded by the one rule that some other rule waits for.

use std::collections::BTreeSet;

use cedar_policy_core::ast::{Context, Entity, Literal, PartialValue, ValueKind};
use serde_json::Value;

/// One thing that must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Need {
    /// `context.attribute == "text"`
    Text { attribute: String, text: String },
    /// Somebody in `resource.attribute`, for a person to be or to be another account of. Only a person has others.
    Somebody { attribute: String },
}

impl Need {
    /// What the first condition of a policy, given as Cedar's JSON, needs.
    pub(crate) fn of(policy: &Value) -> Option<Self> {
        let first = leading(first_condition(policy)?);
        match sought_in(first) {
            Some(attribute) => Some(Need::Somebody {
                attribute: attribute.to_owned(),
            }),
            None => text(first),
        }
    }

    /// Whether it is so in a question about this resource. What is not there to be looked up is left to Cedar.
    pub(crate) fn is_met(&self, context: &Context, resource: Option<&Entity>) -> bool {
        let is_unmet = match self {
            Need::Text { attribute, text } => match context {
                Context::Value(members) => members.get(attribute.as_str()).is_some_and(|it| {
                    matches!(it.value_kind(), ValueKind::Lit(Literal::String(other)) if other != text)
                }),
                Context::RestrictedResidual(_) => false,
            },
            Need::Somebody { attribute } => match resource.and_then(|it| it.get(attribute)) {
                Some(PartialValue::Value(people)) => {
                    matches!(people.value_kind(), ValueKind::Set(people) if people.is_empty())
                }
                _ => false,
            },
        };
        !is_unmet
    }
}

/// The body of the condition that is read first, where that is a `when`.
pub(crate) fn first_condition(policy: &Value) -> Option<&Value> {
    let first = policy.get("conditions")?.get(0)?;
    (first.get("kind")? == "when").then(|| first.get("body"))?
}

/// Of what is joined by `&&`, what is read first.
fn leading(expression: &Value) -> &Value {
    let first = expression.get("&&").and_then(|it| it.get("left"));
    first.map_or(expression, leading)
}

fn sides<'e>(expression: &'e Value, operator: &str) -> Option<(&'e Value, &'e Value)> {
    let both = expression.get(operator)?;
    Some((both.get("left")?, both.get("right")?))
}

/// The attribute of this variable that an expression reads, and nothing else.
fn read_of<'e>(expression: &'e Value, variable: &str) -> Option<&'e str> {
    let read = expression.get(".")?;
    let is_of_it = read.get("left")?.get("Var")? == variable;
    is_of_it.then(|| read.get("attr")?.as_str())?
}

/// The set of people in a request in which an expression looks for the principal or another account of theirs.
fn sought_in(expression: &Value) -> Option<&str> {
    if let Some((one, other)) = sides(expression, "||") {
        let attribute = sought_in(one)?;
        return (sought_in(other)? == attribute).then_some(attribute);
    }
    if let Some((people, person)) = sides(expression, "contains") {
        let is_principal = person.get("Var")? == "principal";
        return is_principal.then(|| read_of(people, "resource"))?;
    }
    let (people, others) = sides(expression, "containsAny")?;
    let are_accounts = read_of(others, "principal")? == "also";
    are_accounts.then(|| read_of(people, "resource"))?
}

fn text(expression: &Value) -> Option<Need> {
    let (read, value) = sides(expression, "==")?;
    Some(Need::Text {
        attribute: read_of(read, "context")?.to_owned(),
        text: value.get("Value")?.as_str()?.to_owned(),
    })
}

/// The authorities that an expression cannot be true without, where it says so before it reads anything else.
pub(crate) fn authorities_of(expression: &Value) -> Option<BTreeSet<&str>> {
    if let Some((first, _)) = sides(expression, "&&") {
        return authorities_of(first);
    }
    if let Some((one, other)) = sides(expression, "||") {
        let mut either = authorities_of(one)?;
        either.extend(authorities_of(other)?);
        return Some(either);
    }
    let (attribute, value) = sides(expression, "==")?;
    let is_authority = read_of(attribute, "context")? == "authority";
    let named = value.get("Value")?.get("__entity")?.get("id")?.as_str()?;
    is_authority.then(|| BTreeSet::from([named]))
}

/// Whether an expression asks for nothing but one of some authorities.
pub(crate) fn asks_authority_alone(expression: &Value) -> bool {
    match sides(expression, "||") {
        Some((one, other)) => asks_authority_alone(one) && asks_authority_alone(other),
        None => expression.get("==").is_some() && authorities_of(expression).is_some(),
    }
}
