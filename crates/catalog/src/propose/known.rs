//! What an application's file says already. Nothing is proposed twice, and what it opens although it looks like a
//! closed operation is said.

use std::collections::BTreeSet;

use locum_domain::access::RouteTable;
use locum_domain::catalog::{Application, Effect};

use super::Graphql;
use super::closed::closed;
use super::proposal::{Proposal, ProposedOperation};
use super::route::{Clues, Route, Routes, Segment};

/// What no route of a catalog can name: it stands for any segment.
const ANYTHING: &str = "\u{1}";
/// How many segments a `**` is tried with.
const TRIED: usize = 4;

/// Leaves out what the application classifies.
pub(super) fn leave_out(
    application: &Application,
    routes: &mut Routes,
    graphql: &mut Graphql,
    proposal: &mut Proposal,
) {
    let Ok(table) = RouteTable::compile(application) else {
        return;
    };
    let mut warnings = BTreeSet::new();
    routes.0.retain(|route, clues| match found(&table, route) {
        Found::Operation {
            id,
            is_open,
            effect,
        } => {
            *proposal.known.entry(id.clone()).or_default() += 1;
            warnings.extend(is_open.then(|| doubt(route, clues, &id, effect)).flatten());
            false
        }
        Found::Endpoint => {
            *proposal.known.entry("[graphql]".to_owned()).or_default() += 1;
            false
        }
        Found::Nothing => true,
    });
    graphql
        .endpoints
        .retain(|route| !matches!(found(&table, route), Found::Endpoint));
    let listed = || {
        application
            .operations
            .values()
            .flat_map(|it| it.graphql.iter().map(|line| (line, &it.id)))
    };
    graphql.fields.retain(|field| {
        let line = field.to_string();
        match listed().find(|(known, _)| **known == line) {
            Some((_, id)) => {
                *proposal.known.entry(id.to_string()).or_default() += 1;
                false
            }
            None => true,
        }
    });
    proposal.warnings.extend(warnings);
}

enum Found {
    Operation {
        id: String,
        is_open: bool,
        effect: Effect,
    },
    Endpoint,
    Nothing,
}

/// What everything that a route matches is already.
fn found(table: &RouteTable, route: &Route) -> Found {
    let mut first = None;
    for sample in samples(route) {
        let path: Vec<&str> = sample.iter().map(String::as_str).collect();
        if table.endpoint(&route.method, &path) != locum_domain::access::Endpoint::No {
            return Found::Endpoint;
        }
        let Some(matched) = table.find(&route.method, &path) else {
            return Found::Nothing;
        };
        first.get_or_insert(matched.operation);
    }
    match first {
        Some(operation) => Found::Operation {
            id: operation.id.to_string(),
            is_open: operation.closed.is_none(),
            effect: operation.effect,
        },
        None => Found::Nothing,
    }
}

/// Paths that stand for whatever a route matches.
fn samples(route: &Route) -> Vec<Vec<String>> {
    let mut samples: Vec<Vec<String>> = vec![Vec::new()];
    for segment in &route.segments {
        match segment {
            Segment::Literal(text) => samples.iter_mut().for_each(|path| path.push(text.clone())),
            Segment::One => samples
                .iter_mut()
                .for_each(|path| path.push(ANYTHING.to_owned())),
            Segment::Many => {
                let longer = |path: &Vec<String>, count: usize| {
                    let mut path = path.clone();
                    path.extend(std::iter::repeat_n(ANYTHING.to_owned(), count));
                    path
                };
                samples = (0..TRIED)
                    .flat_map(|count| samples.iter().map(move |path| longer(path, count)))
                    .collect();
            }
        }
    }
    samples
}

fn doubt(route: &Route, clues: &Clues, id: &str, effect: Effect) -> Option<String> {
    if let Some(closed) = closed(route, clues) {
        return Some(format!(
            "`{route}` looks like `{}` ({}), and `{id}` opens it",
            closed.class, closed.because
        ));
    }
    let is_given_to_all = effect == Effect::Asset && !clues.is_asset;
    is_given_to_all
        .then(|| format!("`{route}` is no script or picture, and `{id}` is part of every grant"))
}

/// Gives proposed operations ids that the application does not have.
pub(super) fn rename(application: &Application, operations: &mut [ProposedOperation]) {
    let known: BTreeSet<&str> = application
        .operations
        .keys()
        .map(|id| id.as_str())
        .collect();
    let proposed: BTreeSet<String> = operations.iter().map(|it| it.id.clone()).collect();
    for operation in operations
        .iter_mut()
        .filter(|it| known.contains(it.id.as_str()))
    {
        let note = format!(
            "`{}` is there already: move these routes to it where effect and class agree",
            operation.id
        );
        let free = (2_u32..)
            .map(|number| format!("{}-{number}", operation.id))
            .find(|id| !known.contains(id.as_str()) && !proposed.contains(id));
        if let Some(id) = free {
            operation.id = id;
            operation.notes.push(note);
        }
    }
}
