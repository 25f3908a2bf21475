//! `$ref` within the document. A reference that leads round in a circle, or out of the document, leads nowhere.

use std::collections::BTreeSet;

use super::document::{Body, Document, Parameter, PathItem, Schema};
use super::lenient::Text;

/// Hops from one reference to the next.
const MOST_HOPS: usize = 16;
/// Schemas that are looked at for one body.
const MOST_SCHEMAS: usize = 64;
/// Names of one body.
const MOST_FIELDS: usize = 1_000;

/// The path item that counts; `None` when its reference leads nowhere.
pub(super) fn path_item<'d>(document: &'d Document, item: &'d PathItem) -> Option<&'d PathItem> {
    follow(
        item,
        |item| item.reference.as_ref(),
        |reference| {
            let name = |prefix: &str| reference.strip_prefix(prefix).map(unescape);
            match (name("#/components/pathItems/"), name("#/paths/")) {
                (Some(name), _) => document.path_item(&name),
                (_, Some(name)) => document.paths.0.get(&name),
                _ => None,
            }
        },
    )
}

pub(super) fn request_body<'d>(document: &'d Document, body: &'d Body) -> Option<&'d Body> {
    follow(
        body,
        |body| body.reference.as_ref(),
        |reference| {
            let name = reference.strip_prefix("#/components/requestBodies/")?;
            document.request_body(&unescape(name))
        },
    )
}

pub(super) fn response<'d>(document: &'d Document, body: &'d Body) -> Option<&'d Body> {
    follow(
        body,
        |body| body.reference.as_ref(),
        |reference| {
            let name = reference
                .strip_prefix("#/components/responses/")
                .or_else(|| reference.strip_prefix("#/responses/"))?;
            document.response(&unescape(name))
        },
    )
}

pub(super) fn parameter<'d>(
    document: &'d Document,
    parameter: &'d Parameter,
) -> Option<&'d Parameter> {
    follow(
        parameter,
        |parameter| parameter.reference.as_ref(),
        |reference| document.parameter(&unescape(reference.strip_prefix("#/parameters/")?)),
    )
}

fn follow<'d, T>(
    start: &'d T,
    reference: impl Fn(&'d T) -> Option<&'d Text>,
    find: impl Fn(&str) -> Option<&'d T>,
) -> Option<&'d T> {
    let mut here = start;
    for _ in 0..MOST_HOPS {
        match reference(here) {
            None => return Some(here),
            Some(next) => here = find(&next.0)?,
        }
    }
    None
}

/// The names of what a schema describes, with those of the schemas it is put together from.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) names: BTreeSet<String>,
    /// A reference led nowhere: there may be others.
    pub(super) is_cut: bool,
}

impl Fields {
    pub(super) fn read(&mut self, document: &Document, schema: &Schema) {
        let mut waiting = vec![schema];
        let mut seen = BTreeSet::new();
        let mut looked_at = 0;
        while let Some(schema) = waiting.pop() {
            looked_at += 1;
            if looked_at > MOST_SCHEMAS || self.names.len() > MOST_FIELDS {
                break;
            }
            self.names.extend(schema.properties.iter().cloned());
            waiting.extend(&schema.parts);
            let Some(reference) = schema.reference.as_deref() else {
                continue;
            };
            let name = ["#/components/schemas/", "#/definitions/"]
                .iter()
                .find_map(|prefix| reference.strip_prefix(prefix));
            match name.and_then(|name| document.schema(&unescape(name))) {
                // Each once: a schema may be part of itself.
                Some(schema) => waiting.extend(seen.insert(reference).then_some(schema)),
                None => self.is_cut = true,
            }
        }
    }
}

/// A JSON Pointer's token (RFC 6901 §4).
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
