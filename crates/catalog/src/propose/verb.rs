//! What is done, as an operation's id ends: `invoice.read`, `invoice.resend`.

use locum_domain::catalog::Effect;

use super::closed::{does_by_name, verb_of};
use super::effect::looks_up;
use super::route::{Clues, Route, Segment};
use super::words::{slug, words};

/// First words of names that say no more than the method does.
const PLAIN: [&str; 27] = [
    "add", "change", "create", "delete", "destroy", "edit", "fetch", "find", "get", "insert",
    "list", "make", "modify", "new", "patch", "post", "put", "read", "remove", "replace",
    "retrieve", "save", "set", "show", "store", "update", "upsert",
];

/// Words at the end of a path that do something, however they are sent.
const DOES: [&str; 38] = [
    "accept",
    "activate",
    "approve",
    "archive",
    "assign",
    "cancel",
    "capture",
    "clone",
    "close",
    "complete",
    "confirm",
    "convert",
    "copy",
    "deactivate",
    "decline",
    "disable",
    "duplicate",
    "enable",
    "finalize",
    "lock",
    "merge",
    "move",
    "pause",
    "publish",
    "refresh",
    "reject",
    "renew",
    "reopen",
    "resend",
    "restart",
    "restore",
    "resume",
    "retry",
    "revoke",
    "start",
    "stop",
    "submit",
    "unlock",
];

/// The last part of the id of an operation with this route.
pub(super) fn verb(route: &Route, clues: &Clues, effect: Effect) -> String {
    let ending = route.ending();
    let last = ending.map(|ending| words(ending.name)).unwrap_or_default();
    let first = last.first().map(String::as_str).unwrap_or_default();
    match route.method.as_str() {
        "GET" => match (does_by_name(route, clues), effect) {
            (Some(doing), _) => doing.to_owned(),
            (None, Effect::Egress) => "download".to_owned(),
            _ => "read".to_owned(),
        },
        "DELETE" => "delete".to_owned(),
        "PUT" | "PATCH" => match ending {
            Some(ending) if DOES.contains(&first) => slug(ending.name),
            _ => "update".to_owned(),
        },
        "POST" => {
            let is_action = |it: &super::route::Ending<'_>| {
                !it.is_plural && (it.is_of_one || DOES.contains(&first) || is_named_so(it.name))
            };
            if let Some(ending) = ending.filter(is_action) {
                return slug(ending.name);
            }
            let looking = ending.filter(|it| !it.is_plural).map_or(&[][..], |_| &last);
            if let Some(looks) = looks_up(looking, clues) {
                return looks.to_owned();
            }
            if let Some(named) = named(clues) {
                return named;
            }
            let is_of_one = route.meaning().last() == Some(&Segment::One);
            if is_of_one { "update" } else { "create" }.to_owned()
        }
        other => slug(other),
    }
}

/// `findByStatus`, `uploadImage`: a word in front of others that is none of a collection.
fn is_named_so(name: &str) -> bool {
    let words = words(name);
    let head = words.first().map(String::as_str).unwrap_or_default();
    words.len() > 1 && (DOES.contains(&head) || PLAIN.contains(&head))
}

/// What the document calls it, where that says more than the method.
fn named(clues: &Clues) -> Option<String> {
    let verb = clues.names.iter().find_map(|name| verb_of(name))?;
    DOES.contains(&verb.as_str()).then_some(verb)
}

/// Whether a segment says that something is done rather than to what.
pub(super) fn does_something(name: &str) -> bool {
    let words = words(name);
    let head = words.first().map(String::as_str).unwrap_or_default();
    DOES.contains(&head) || PLAIN.contains(&head)
}
