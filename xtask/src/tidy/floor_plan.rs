//! Which room may import which: `floor-plan.toml` against what the manifests really say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Findings, toml};
use crate::process::Outcome;
use crate::workspace::{Graph, Workspace};

const FILE: &str = "floor-plan.toml";

/// What `floor-plan.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FloorPlan {
    /// A room and the rooms it may import.
    rooms: BTreeMap<String, Imports>,
    /// Rooms that tests may import besides what their own room may.
    tests: Tests,
    pub(super) pure: Pure,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Imports {
    These(BTreeSet<String>),
    /// `"all"`: the binary wires everything but what is for tests only.
    All(All),
}

#[derive(Deserialize)]
enum All {
    #[serde(rename = "all")]
    All,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tests {
    /// For tests only: nobody may ship it.
    only: BTreeSet<String>,
    /// What the tests of one room import against the stream.
    also: BTreeMap<String, BTreeSet<String>>,
}

/// Rooms of rules: no clock, randomness, environment, network or runtime.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pure {
    pub(super) rooms: BTreeSet<String>,
    /// Outside crates that none of them may name.
    never: BTreeSet<String>,
}

/// # Errors
/// When the plan cannot be read.
pub(super) fn read(workspace: &Workspace) -> Outcome<FloorPlan> {
    toml(workspace, FILE)
}

/// # Errors
/// When the plan cannot be read.
pub(super) fn check(workspace: &Workspace, graph: &Graph, findings: &mut Findings) -> Outcome {
    let plan = read(workspace)?;
    let rooms: BTreeSet<&str> = graph
        .ours()
        .map(|room| room.name.as_str())
        .filter(|name| *name != "xtask")
        .collect();
    for room in &rooms {
        if !plan.rooms.contains_key(*room) {
            findings.add(
                FILE,
                format_args!("`{room}` is not in the plan; say which rooms it may import"),
            );
        }
    }
    for room in plan
        .rooms
        .keys()
        .filter(|room| !rooms.contains(room.as_str()))
    {
        findings.add(
            FILE,
            format_args!("`{room}` is no crate; take it out of the plan until it is built"),
        );
    }
    for edge in graph
        .edges()
        .iter()
        .filter(|edge| edge.from.is_ours() && edge.from.name != "xtask")
    {
        let (from, to) = (edge.from.name.as_str(), edge.to.name.as_str());
        if !edge.to.is_ours() {
            if !edge.is_dev && plan.pure.rooms.contains(from) && plan.pure.never.contains(to) {
                findings.add(
                    format_args!("{from} → {to}"),
                    "a pure room names it; take what it gives as a parameter, or move the work outwards",
                );
            }
        } else if !(plan.allows(from, to) || edge.is_dev && plan.tests_allow(from, to)) {
            let kind = if edge.is_dev {
                "its tests import"
            } else {
                "imports"
            };
            findings.add(
                format_args!("{from} → {to}"),
                format_args!("{kind} a room that {FILE} does not give it; turn the edge round with a port, or change the plan and say why in the commit"),
            );
        }
    }
    Ok(())
}

impl FloorPlan {
    /// Rooms for tests only.
    pub(super) fn never_shipped(&self) -> &BTreeSet<String> {
        &self.tests.only
    }

    fn allows(&self, from: &str, to: &str) -> bool {
        match self.rooms.get(from) {
            Some(Imports::These(rooms)) => rooms.contains(to),
            Some(Imports::All(All::All)) => !self.tests.only.contains(to),
            None => false,
        }
    }

    /// Tests may name whatever their room imports through others, since it is built anyway.
    fn tests_allow(&self, from: &str, to: &str) -> bool {
        let also = self
            .tests
            .also
            .get(from)
            .is_some_and(|rooms| rooms.contains(to));
        also || self.tests.only.contains(to) || self.reaches(from, to)
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        let Some(Imports::These(rooms)) = self.rooms.get(from) else {
            return self.allows(from, to);
        };
        rooms.contains(to) || rooms.iter().any(|room| self.reaches(room, to))
    }
}
