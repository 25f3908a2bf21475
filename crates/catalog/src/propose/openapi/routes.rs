//! From the document's paths to routes with what is known about them.

use super::clues::{ELSEWHERE, clues};
use super::document::{Document, PathItem};
use super::reference::path_item;
use super::servers::{self, Place};
use crate::propose::path::{Piece, pieces};
use crate::propose::route::{Clues, NoRoute, Route, Segment};
use crate::propose::{Gathered, ProposeError};

/// What a path ends with to say in which form it answers.
const FORMS: [&str; 8] = [
    ".json",
    ".xml",
    ".html",
    ".yaml",
    ".{format}",
    ".{_format}",
    "{format}",
    "{ext}",
];

/// Reads a document. `base` replaces what its `servers` say stands before every path.
pub(in crate::propose) fn routes(
    bytes: &[u8],
    base: Option<&str>,
) -> Result<Gathered, ProposeError> {
    let document = super::parse::parse(bytes)?;
    let mut gathered = Gathered::default();
    let whole = match base {
        Some(_) => Place::default(),
        None => servers::whole(&document, &mut gathered),
    };
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
        read_path(&document, base, &whole, (path, item), &mut gathered)?;
    }
    let is_cut = |clues: &&Clues| clues.notes.contains(ELSEWHERE);
    let cut = gathered.routes.0.values().filter(is_cut).count();
    if cut > 0 {
        gathered.warn(format!(
            "{cut} routes are described in other files, which were not read: bundle the document into one first"
        ));
    }
    Ok(gathered)
}

fn read_path(
    document: &Document,
    base: Option<&str>,
    whole: &Place,
    (path, item): (&str, &PathItem),
    gathered: &mut Gathered,
) -> Result<(), ProposeError> {
    for (method, operation) in item.operations() {
        let prefix = match base {
            Some(base) => base.to_owned(),
            None => {
                servers::own(operation, item, whole, gathered)
                    .unwrap_or_else(|| whole.clone())
                    .path
            }
        };
        let mut clues = clues(document, item, operation);
        match segments(&prefix, path, &mut clues).and_then(|it| Route::new(method, it)) {
            Ok(route) if is_graphql(&route, &clues) => gathered.graphql_endpoint(route),
            Ok(route) => gathered.add(route, clues)?,
            Err(no_route) => gathered.leave_out(no_route.reason()),
        }
    }
    Ok(())
}

fn segments(prefix: &str, path: &str, clues: &mut Clues) -> Result<Vec<Segment>, NoRoute> {
    if path.contains(['?', '#']) {
        let note = "the document tells paths apart by what stands behind `?` or `#`, which no route sees: they are one";
        clues.notes.insert(note.to_owned());
        // What stands there names what is done: `/files/{id}#copy`.
        let told = path.split(['?', '#']).skip(1);
        clues.names.extend(told.map(str::to_owned));
    }
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
    let form = FORMS.iter().find_map(|form| text.strip_suffix(form));
    let bare = form.filter(|bare| !bare.is_empty()).unwrap_or(text);
    let inner = bare
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(name) = inner.filter(|name| !name.contains(['{', '}'])) else {
        let note = "a segment is a parameter with something beside it, which `*` cannot say: it stands for all of them";
        clues.notes.insert(note.to_owned());
        // `{name}:cancel` says what is done.
        let verb = text.rsplit_once("}:").map(|(_, verb)| verb);
        clues
            .names
            .extend(verb.filter(|it| !it.contains('{')).map(str::to_owned));
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

/// An address at which documents come: called so, or asked for a `query` with `variables`.
fn is_graphql(route: &Route, clues: &Clues) -> bool {
    let takes_documents = clues.body_fields.as_ref().is_some_and(|fields| {
        let has = |name: &str| fields.contains(name);
        has("query") && (has("variables") || has("operationName"))
    });
    takes_documents || crate::propose::graphql::is_called_so(route)
}
