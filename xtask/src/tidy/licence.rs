//! Licences, forbidden and doubled crates, as `deny.toml` says: the part of `cargo deny` that needs no network.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Findings, floor_plan, toml};
use crate::process::Outcome;
use crate::workspace::{Graph, Workspace};

const FILE: &str = "deny.toml";

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
    skip: Vec<Doubled>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    /// Only these may name it; none means nobody.
    #[serde(default)]
    wrappers: BTreeSet<String>,
    reason: String,
}

/// A second version that cannot be helped yet.
#[derive(Deserialize)]
struct Doubled {
    #[serde(rename = "crate")]
    name_and_version: String,
}

/// # Errors
/// When `deny.toml` cannot be read.
pub(super) fn check(workspace: &Workspace, graph: &Graph, findings: &mut Findings) -> Outcome {
    let deny: Deny = toml(workspace, FILE)?;
    let shipped = workspace.shipped(floor_plan::read(workspace)?.never_shipped())?;
    let ids: BTreeSet<String> = shipped
        .iter()
        .map(|built| format!("{}@{}", built.name, built.version))
        .collect();

    for built in shipped
        .iter()
        .filter(|built| !allows(&built.licence, &deny.licenses.allow))
    {
        let what = format!(
            "its licence `{}` is not among {FILE}'s; use another crate, or argue for it",
            built.licence
        );
        findings.add(&built.name, what);
    }
    for banned in &deny.bans.deny {
        for edge in graph
            .edges()
            .iter()
            .filter(|edge| !edge.is_dev && edge.to.name == banned.name)
        {
            let is_shipped = [edge.from, edge.to]
                .iter()
                .all(|end| ids.contains(&format!("{}@{}", end.name, end.version)));
            if is_shipped && !banned.wrappers.contains(&edge.from.name) {
                let place = format!("{} → {}", edge.from.name, banned.name);
                findings.add(place, format_args!("{FILE} forbids it: {}", banned.reason));
            }
        }
    }
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &shipped {
        versions
            .entry(&package.name)
            .or_default()
            .insert(&package.version);
    }
    let skipped: BTreeSet<&str> = deny
        .bans
        .skip
        .iter()
        .map(|doubled| doubled.name_and_version.as_str())
        .collect();
    for (name, versions) in versions {
        let counted: Vec<_> = versions
            .iter()
            .filter(|version| !skipped.contains(format!("{name}@{version}").as_str()))
            .collect();
        if counted.len() > 1 {
            let what = format!(
                "built in versions {counted:?}; agree on one, or skip one in {FILE} with the reason"
            );
            findings.add(name, what);
        }
    }
    for skipped in skipped.iter().filter(|skipped| !ids.contains(**skipped)) {
        findings.add(
            FILE,
            format_args!("skips {skipped}, which nobody builds any more; take it out"),
        );
    }
    Ok(())
}

/// Whether an SPDX expression can be satisfied by the allowed licences. `OR` binds less tightly than `AND`.
fn allows(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    let answer = any_of(&mut rest, allowed);
    answer && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut answer = all_of(rest, allowed);
    while let Some((&"OR", after)) = rest.split_first() {
        *rest = after;
        answer |= all_of(rest, allowed);
    }
    answer
}

fn all_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut answer = one(rest, allowed);
    while let Some((&"AND", after)) = rest.split_first() {
        *rest = after;
        answer &= one(rest, allowed);
    }
    answer
}

fn one(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let Some((&first, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if first == "(" {
        let answer = any_of(rest, allowed);
        if let Some((&")", after)) = rest.split_first() {
            *rest = after;
            return answer;
        }
        return false;
    }
    if let ["WITH", exception, after @ ..] = *rest {
        *rest = after;
        return allowed.contains(&format!("{first} WITH {exception}"));
    }
    allowed.contains(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_allowed_when_one_way_through_its_expression_is() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
            .map(str::to_owned)
            .into();
        for expression in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(GPL-3.0 OR ISC) AND MIT",
        ] {
            assert!(allows(expression, &allowed), "{expression}");
        }
        assert!(allows("Apache-2.0 WITH LLVM-exception", &allowed));
        for expression in ["", "Apache-2.0", "MIT AND GPL-3.0", "(MIT", "MIT ISC", "OR"] {
            assert!(!allows(expression, &allowed), "{expression}");
        }
    }
}
