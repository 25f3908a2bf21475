//! From the document's paths to routes with what is known about them.

use super::document::{Document, Operation, PathItem, Server};
use super::reference::{fields, path_item, request_body, response};
use crate::propose::media::file_kind;
use crate::propose::path::{Piece, pieces};
use crate::propose::route::{Clues, NoRoute, Route, Segment};
use crate::propose::{Gathered, ProposeError};

/// Characters of a summary that are looked at.
const LONGEST_SUMMARY: usize = 300;

/// Reads a document. `base` replaces what its `servers` say stands before every path.
pub(in crate::propose) fn routes(
    bytes: &[u8],
    base: Option<&str>,
) -> Result<Gathered, ProposeError> {
    let document = super::parse::parse(bytes)?;
    let mut gathered = Gathered::default();
    for (path, item) in &document.paths.0 {
        if !path.starts_with('/') {
            gathered.leave_out("entries under `paths` that are no path");
            continue;
        }
        let Some(item) = path_item(&document, item) else {
            gathered
                .leave_out("paths whose `$ref` leads out of the document, or round in a circle");
            continue;
        };
        read_path(&document, base, path, item, &mut gathered)?;
    }
    Ok(gathered)
}

fn read_path(
    document: &Document,
    base: Option<&str>,
    path: &str,
    item: &PathItem,
    gathered: &mut Gathered,
) -> Result<(), ProposeError> {
    for (method, operation) in item.operations() {
        let servers = [&operation.servers, &item.servers, &document.servers];
        let servers = servers
            .into_iter()
            .flatten()
            .find(|servers| !servers.is_empty());
        let prefix = match (base, servers) {
            (Some(base), _) => base.to_owned(),
            (None, Some(servers)) => prefix(servers, gathered),
            (None, None) => String::new(),
        };
        let mut clues = clues(document, operation);
        match segments(&prefix, path, &mut clues).and_then(|it| Route::new(method, it)) {
            Ok(route) if is_graphql(&route, &clues) => gathered.graphql_endpoint(route),
            Ok(route) => gathered.add(route, clues)?,
            Err(no_route) => gathered.leave_out(no_route.reason()),
        }
    }
    Ok(())
}

/// What stands before every path: the first server's path, with the defaults of its variables.
fn prefix(servers: &[Server], gathered: &mut Gathered) -> String {
    let path_of = |server: &Server| {
        let mut url = server.url.clone();
        for (name, variable) in &server.variables.0 {
            let default = variable.default.as_ref().map_or("", |default| &default.0);
            url = url.replace(&format!("{{{name}}}"), default);
        }
        let rest = match url.split_once("://") {
            Some((_, rest)) => rest
                .find('/')
                .and_then(|at| rest.get(at..))
                .unwrap_or_default(),
            None => &url,
        };
        rest.trim_matches('/').to_owned()
    };
    let mut paths = servers.iter().map(path_of);
    let first = paths.next().unwrap_or_default();
    if paths.any(|other| other != first) {
        gathered.warn(format!(
            "the document names servers with different paths; `/{first}` is used: another one with `--base`"
        ));
    }
    first
}

fn segments(prefix: &str, path: &str, clues: &mut Clues) -> Result<Vec<Segment>, NoRoute> {
    let mut found = Vec::new();
    let whole = format!("/{}{path}", prefix.trim_matches('/'));
    for piece in pieces(&whole) {
        found.push(match piece.map_err(|()| NoRoute::Letters)? {
            Piece::Empty => Segment::Literal(String::new()),
            Piece::Text(text) => template(&text, clues)?,
        });
    }
    Ok(found)
}

/// A segment of a path template: `{id}`, and also `{id}.json` and `{name}:cancel`, which a route cannot tell from it.
fn template(text: &str, clues: &mut Clues) -> Result<Segment, NoRoute> {
    if !text.contains(['{', '}']) {
        return Ok(Segment::Literal(text.to_owned()));
    }
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(name) = inner.filter(|name| !name.contains(['{', '}'])) else {
        let note = "a segment is a parameter with something beside it, which `*` cannot say: it stands for all of them";
        clues.notes.insert(note.to_owned());
        return Ok(Segment::One);
    };
    // RFC 6570 §2.4.2 and §3.2.3, as some documents write a parameter that holds slashes.
    if name.starts_with('+') || name.ends_with('*') {
        return Ok(Segment::Many);
    }
    if matches!(name, "path" | "filepath" | "file_path") {
        let note = format!("`{{{name}}}` may hold slashes: if so, write `**` for its `*`");
        clues.notes.insert(note);
    }
    Ok(Segment::One)
}

fn clues(document: &Document, operation: &Operation) -> Clues {
    let tag = operation
        .tags
        .iter()
        .flatten()
        .next()
        .map(|tag| tag.0.clone());
    let mut clues = Clues {
        tag: tag.filter(|tag| !tag.trim().is_empty() && tag != "default"),
        ..Clues::default()
    };
    clues
        .names
        .extend(operation.operation_id.iter().map(|id| id.0.clone()));
    let short = |text: &str| text.chars().take(LONGEST_SUMMARY).collect();
    clues
        .summaries
        .extend(operation.summary.iter().map(|text| short(&text.0)));
    if operation.deprecated == Some(true) {
        clues
            .notes
            .insert("the document calls it deprecated".to_owned());
    }
    let body = operation.request_body.as_ref();
    if let Some(body) = body.and_then(|body| request_body(&document.components, body)) {
        let mut named = std::collections::BTreeSet::new();
        for (kind, media) in &body.content.0 {
            clues.is_upload |= kind.starts_with("multipart/") || kind.contains("octet-stream");
            named.extend(
                media
                    .schema
                    .iter()
                    .flat_map(|schema| fields(&document.components, schema)),
            );
        }
        // A body of which nothing is said may hold anything.
        clues.body_fields = Some(named).filter(|named| !named.is_empty());
    }
    for (status, answer) in &operation.responses.0 {
        if !(status.starts_with('2') || status == "default") {
            continue;
        }
        if let Some(answer) = response(&document.components, answer) {
            let mut kinds = answer.content.0.keys().map(|kind| file_kind(kind));
            // What is also offered as JSON is a choice of form.
            let is_offered_as_data = kinds.clone().any(|kind| kind.is_none());
            let file = kinds.find_map(|kind| kind);
            clues.answers_file = clues.answers_file.or(file.filter(|_| !is_offered_as_data));
        }
    }
    clues
}

/// An address at which documents come: called so, or asked for a `query` with `variables`.
fn is_graphql(route: &Route, clues: &Clues) -> bool {
    let takes_documents = clues.body_fields.as_ref().is_some_and(|fields| {
        let has = |name: &str| fields.contains(name);
        has("query") && (has("variables") || has("operationName"))
    });
    takes_documents || crate::propose::graphql::is_called_so(route)
}
