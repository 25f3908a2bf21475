//! `[graphql]` and what `[[operation]]` lists of it: root fields and whole documents.

use std::collections::BTreeMap;

use locum_domain::OperationId;
use locum_domain::access::{RootField, RoutePattern, is_document_hash};
use locum_domain::catalog::Effect;

use crate::read::Fields;
use crate::source::At;

/// Root fields that lead to anything the schema has, whatever its kind.
const LEADS_EVERYWHERE: [&str; 3] = ["node", "nodes", "_entities"];

/// An application's GraphQL endpoints, and who lists what of them.
#[derive(Default)]
pub(super) struct Graphql {
    /// `None` without a `[graphql]`.
    pub(super) endpoints: Option<Vec<At<String>>>,
    fields: BTreeMap<RootField, Listed>,
    hashes: BTreeMap<String, Listed>,
    /// Whether any operation lists anything, rightly or not.
    is_used: bool,
}

/// Who lists it, and on which line.
struct Listed {
    by: Option<OperationId>,
    line: usize,
}

impl Graphql {
    /// Reads `[graphql]`.
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let section = fields.table("graphql", "[graphql]", &["endpoints"]);
        let endpoints = section.map(|section| {
            let lines: Vec<At<String>> = section.need_list("endpoints");
            let good = lines.into_iter().filter(|line| is_endpoint(line, &section));
            good.collect()
        });
        Self {
            endpoints,
            ..Self::default()
        }
    }

    /// Whether a document comes by this route, so that it says nothing by itself.
    pub(super) fn has_endpoint(&self, route: &RoutePattern) -> bool {
        self.endpoints
            .iter()
            .flatten()
            .filter_map(|line| RoutePattern::parse(&line.value).ok())
            .any(|endpoint| {
                endpoint.is_same_path(route) && ["GET", "POST"].contains(&route.method())
            })
    }

    /// Reads what an operation lists: its `graphql` and its `graphql_hashes`.
    pub(super) fn listed(
        &mut self,
        entry: &Fields<'_>,
        id: Option<&OperationId>,
        effect: Option<Effect>,
    ) -> (Vec<String>, Vec<String>) {
        let lines: Vec<At<String>> = entry.list("graphql");
        let hashes: Vec<At<String>> = entry.list("graphql_hashes");
        if let Some(first) = lines.first().or(hashes.first())
            && self.endpoints.is_none()
        {
            let message = "the application has no GraphQL endpoint";
            let hint = "say where documents come: [graphql] with endpoints = [\"POST /graphql\"]";
            entry.problems.error_with(&first.place, message, hint);
        }
        self.is_used |= !lines.is_empty() || !hashes.is_empty();
        for line in &lines {
            self.field(line, entry, id, effect);
        }
        for hash in &hashes {
            self.hash(hash, entry, id, effect);
        }
        let text = |lines: Vec<At<String>>| lines.into_iter().map(|line| line.value).collect();
        (text(lines), text(hashes))
    }

    fn field(
        &mut self,
        line: &At<String>,
        entry: &Fields<'_>,
        id: Option<&OperationId>,
        effect: Option<Effect>,
    ) {
        let problems = entry.problems;
        let field = match RootField::parse(&line.value) {
            Ok(field) => field,
            Err(error) => {
                let message = format!("`{}`: {error}", line.value);
                let hint =
                    "the field as the schema names it, not the name a client gives its document";
                problems.error_with(&line.place, message, hint);
                return;
            }
        };
        match effect {
            Some(Effect::Asset) => {
                let message = "an `asset` is part of every grant, and no document is one";
                problems.error(&line.place, message);
            }
            Some(effect) if !field.kind.fits(effect) => {
                let message = format!(
                    "`{field}` changes something, and the operation's effect is `{}`",
                    effect.as_str()
                );
                let hint = "move it to an operation with effect write, mint, egress or admin";
                problems.error_with(&line.place, message, hint);
            }
            _ => {}
        }
        if LEADS_EVERYWHERE.contains(&field.name.as_str()) {
            let message = format!("`{field}` leads to whatever has an id, of any kind");
            let hint = "list the fields by which the application's own pages come to it";
            problems.warning(&line.place, message, hint);
        }
        take(&mut self.fields, field, line, entry, id);
    }

    fn hash(
        &mut self,
        hash: &At<String>,
        entry: &Fields<'_>,
        id: Option<&OperationId>,
        effect: Option<Effect>,
    ) {
        if !is_document_hash(&hash.value) {
            let message = format!("`{}` is no SHA-256 of a document", hash.value);
            let hint =
                "64 digits, a to f in small letters, as the client sends them in `sha256Hash`";
            entry.problems.error_with(&hash.place, message, hint);
            return;
        }
        if effect == Some(Effect::Asset) {
            let message = "an `asset` is part of every grant, and no document is one";
            entry.problems.error(&hash.place, message);
        }
        take(&mut self.hashes, hash.value.clone(), hash, entry, id);
    }

    /// An endpoint without anything behind it refuses everything.
    pub(super) fn settle(&self, fields: &Fields<'_>) {
        let Some([first, ..]) = self.endpoints.as_deref() else {
            return;
        };
        if !self.is_used {
            let message =
                "no operation lists a root field, so every document is refused as unclassified";
            let hint = "in an [[operation]]: graphql = [\"query invoices\"]";
            fields.problems.warning(&first.place, message, hint);
        }
    }
}

/// Notes who lists it; twice would leave the answer to chance.
fn take<K: Ord + std::fmt::Display>(
    taken: &mut BTreeMap<K, Listed>,
    key: K,
    at: &At<String>,
    entry: &Fields<'_>,
    id: Option<&OperationId>,
) {
    let (line, _) = at.place.source.line_and_column(at.place.span.start);
    if let Some(first) = taken.get(&key) {
        let message = match &first.by {
            Some(by) => format!("`{key}` belongs to `{by}` already"),
            None => format!("`{key}` is listed already"),
        };
        let hint = format!("first on line {}", first.line);
        entry.problems.error_with(&at.place, message, hint);
        return;
    }
    let by = id.cloned();
    taken.insert(key, Listed { by, line });
}

fn is_endpoint(line: &At<String>, section: &Fields<'_>) -> bool {
    let problem = match RoutePattern::parse(&line.value) {
        Err(error) => error.to_string(),
        Ok(pattern) if !["GET", "POST"].contains(&pattern.method()) => {
            "documents come by POST, and queries by GET".to_owned()
        }
        Ok(pattern) if pattern.stars() > 0 || line.value.contains('*') => {
            "an endpoint is one address".to_owned()
        }
        Ok(_) if line.value.len() > "POST /".len() && line.value.ends_with('/') => {
            "a slash at its end is understood".to_owned()
        }
        Ok(_) if line.value.contains('%') => "paths are compared decoded".to_owned(),
        Ok(_) => return true,
    };
    let message = format!("`{}`: {problem}", line.value);
    section
        .problems
        .error_with(&line.place, message, "as \"POST /graphql\"");
    false
}
