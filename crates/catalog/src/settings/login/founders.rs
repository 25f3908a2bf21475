//! `[login] founders`: the two people whose authenticators every later one descends from.

use std::collections::BTreeMap;

use locum_domain::{Catalog, PrincipalId};

use crate::nearest::did_you_mean;
use crate::problem::Problems;
use crate::read::{Fields, Value};
use crate::source::At;

/// The names, if any. Whether they are people of the catalog is judged when that is read.
pub(super) fn founders(section: &Fields<'_>) -> Vec<At<PrincipalId>> {
    let Some(node) = section.node("founders") else {
        return Vec::new();
    };
    let founders = section.list::<PrincipalId>("founders");
    match founders.as_slice() {
        [one, other] if one.value == other.value => section.problems.error_with(
            &other.place,
            format!("`{}` would be both founders", other.value),
            "the founders vouch for each other: name two different people",
        ),
        [_, _] => {}
        // What is no list, or no name, was reported where it stands.
        read if is_reported(&node.value, read.len()) => {}
        _ => section.problems.error_with(
            &node.place,
            format!(
                "`founders` names {} instead of two people",
                counted(founders.len())
            ),
            "exactly two: each enrols a passkey and signs the other's",
        ),
    }
    founders
}

fn is_reported(value: &Value, read: usize) -> bool {
    match value {
        Value::List(items) => items.len() != read,
        Value::Loose(_) => false,
        _ => true,
    }
}

fn counted(count: usize) -> String {
    match count {
        0 => "nobody".to_owned(),
        1 => "one person".to_owned(),
        more => format!("{more} people"),
    }
}

/// Holds the founders against the catalog.
pub(crate) fn settle(founders: &[At<PrincipalId>], catalog: &Catalog, problems: &Problems) {
    for At { value: id, place } in founders {
        if let Some(person) = catalog.people.get(id) {
            // A founder may leave long after the founding, and their name stays: no reason not to start.
            if !person.is_active {
                problems.warning(
                    place,
                    format!("`{id}` is a founder and not active"),
                    "if the founding is still to come, name somebody who works here",
                );
            }
            continue;
        }
        if let Some(agent) = catalog.agents.get(id) {
            problems.error_with(
                place,
                format!("`{id}` is an agent and cannot be a founder"),
                format!("name a person, as its sponsor `{}`", agent.sponsor),
            );
            continue;
        }
        let by_account: BTreeMap<&str, &PrincipalId> = catalog
            .people
            .values()
            .flat_map(|person| {
                let accounts = person.accounts.iter();
                accounts.map(move |account| (account.id.as_str(), &person.id))
            })
            .collect();
        let hint = match by_account.get(id.as_str()) {
            Some(person) => format!("that is an account of `{person}`: write the person's id"),
            None => did_you_mean(id.as_str(), catalog.people.keys().map(PrincipalId::as_str))
                .unwrap_or_else(|| "founders are people of people.toml".to_owned()),
        };
        problems.error_with(
            place,
            format!("unknown person `{id}` among the founders"),
            hint,
        );
    }
}
