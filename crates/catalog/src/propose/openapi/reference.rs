//! `$ref` within the document. A reference that leads round in a circle, or out of the document, leads nowhere.

use std::collections::BTreeSet;

use super::document::{Body, Components, Document, Named, PathItem, Schema};

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
        |item| item.reference.as_deref(),
        |reference| {
            let name = |prefix: &str| reference.strip_prefix(prefix).map(unescape);
            match (name("#/components/pathItems/"), name("#/paths/")) {
                (Some(name), _) => document.components.path_items.0.get(&name),
                (_, Some(name)) => document.paths.0.get(&name),
                _ => None,
            }
        },
    )
}

pub(super) fn request_body<'d>(components: &'d Components, body: &'d Body) -> Option<&'d Body> {
    body_in(
        &components.request_bodies,
        "#/components/requestBodies/",
        body,
    )
}

pub(super) fn response<'d>(components: &'d Components, body: &'d Body) -> Option<&'d Body> {
    body_in(&components.responses, "#/components/responses/", body)
}

fn body_in<'d>(named: &'d Named<Body>, prefix: &str, body: &'d Body) -> Option<&'d Body> {
    follow(
        body,
        |body| body.reference.as_deref(),
        |reference| named.0.get(&unescape(reference.strip_prefix(prefix)?)),
    )
}

fn follow<'d, T>(
    start: &'d T,
    reference: impl Fn(&'d T) -> Option<&'d str>,
    find: impl Fn(&str) -> Option<&'d T>,
) -> Option<&'d T> {
    let mut here = start;
    for _ in 0..MOST_HOPS {
        match reference(here) {
            None => return Some(here),
            Some(next) => here = find(next)?,
        }
    }
    None
}

/// The names of what a schema describes, with those of the schemas it is put together from.
pub(super) fn fields(components: &Components, schema: &Schema) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let mut waiting = vec![schema];
    let mut looked_at = 0;
    while let Some(schema) = waiting.pop() {
        looked_at += 1;
        if looked_at > MOST_SCHEMAS || fields.len() > MOST_FIELDS {
            break;
        }
        fields.extend(schema.properties.iter().cloned());
        waiting.extend(&schema.parts);
        let name = schema
            .reference
            .as_deref()
            .and_then(|it| it.strip_prefix("#/components/schemas/"));
        waiting.extend(name.and_then(|name| components.schemas.0.get(&unescape(name))));
    }
    fields
}

/// A JSON Pointer's token (RFC 6901 §4).
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
