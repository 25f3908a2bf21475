//! What a route does: the stronger effect where there is doubt.

use locum_domain::catalog::Effect;

use super::closed::{Closed, changes, does_by_name, verb_of};
use super::route::{Clues, Route};
use super::words::words;

/// An effect, and why it was guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) effect: Effect,
    pub(super) because: String,
}

/// What an application calls the part of it that is for its administrators.
const ADMINISTERS: [&str; 4] = ["admin", "administration", "administrator", "superuser"];

/// What is set for everybody.
const CONFIGURES: [&str; 13] = [
    "allowlist",
    "config",
    "configuration",
    "hook",
    "integration",
    "organization setting",
    "permission",
    "policy",
    "role",
    "setting",
    "sso",
    "webhook",
    "workflow",
];

/// Who is decided about by them.
const PEOPLE: [&str; 4] = ["account", "customer", "member", "user"];

/// What decides whether somebody may come in.
const SHUTS_OUT: [&str; 10] = [
    "ban",
    "block",
    "lock",
    "reactivate",
    "suspend",
    "suspended",
    "unban",
    "unblock",
    "unlock",
    "unsuspend",
];

/// What takes something out of the application.
const TAKES_OUT: [&str; 12] = [
    "archive",
    "attachment",
    "backup",
    "csv",
    "download",
    "dump",
    "export",
    "pdf",
    "print",
    "tarball",
    "xlsx",
    "zip",
];

/// What sends something out of it.
const SENDS_OUT: [&str; 6] = ["forward", "hook", "mirror", "share", "transfer", "webhook"];

/// A POST that may only look something up.
const LOOKS_UP: [&str; 11] = [
    "count", "estimate", "filter", "find", "list", "lookup", "preview", "query", "search",
    "validate", "view",
];

/// The effect of a route.
pub(super) fn effect(route: &Route, clues: &Clues, closed: Option<&Closed>) -> Guess {
    let guess = |effect, because: String| Guess { effect, because };
    if clues.is_asset {
        return guess(
            Effect::Asset,
            "a script, style, font or picture from a folder of such".to_owned(),
        );
    }
    let changes = changes(route, clues);
    let by_method = match does_by_name(route, clues) {
        Some(doing) if route.is_safe() => format!("GET, but `{doing}` in its name does something"),
        _ => format!("its method is {}", route.method),
    };
    match closed.map(|closed| closed.class) {
        Some(class @ ("api-keys" | "consent" | "impersonation")) => {
            return guess(Effect::Mint, format!("{class} outlive the session"));
        }
        Some("bulk-export") => {
            return guess(
                Effect::Egress,
                "it takes many things out at once".to_owned(),
            );
        }
        Some("roles") if changes => {
            return guess(Effect::Admin, "it decides what others may do".to_owned());
        }
        _ => {}
    }
    let path = route.words();
    let says = |list: &[&'static str]| {
        list.iter().copied().find(|listed| {
            let listed: Vec<&str> = listed.split(' ').collect();
            path.windows(listed.len()).any(|window| {
                window
                    .iter()
                    .zip(&listed)
                    .all(|(word, listed)| word == listed)
            })
        })
    };
    if let Some(word) = says(&ADMINISTERS) {
        return guess(Effect::Admin, format!("its path says `{word}`"));
    }
    if let Some(kind) = clues.answers_file {
        return guess(Effect::Egress, format!("it answers a file ({kind})"));
    }
    let last = route
        .ending()
        .map(|ending| words(ending.name))
        .unwrap_or_default();
    let out = TAKES_OUT
        .into_iter()
        .chain(SENDS_OUT.into_iter().filter(|_| changes))
        .find(|out| last.iter().any(|word| word == out));
    if let Some(word) = out {
        return guess(
            Effect::Egress,
            format!("`{word}` at its end takes something out"),
        );
    }
    if !changes {
        return guess(Effect::Read, by_method);
    }
    if let Some(word) = says(&CONFIGURES) {
        return guess(
            Effect::Admin,
            format!("its path says `{word}`, which is set for everybody"),
        );
    }
    let shuts = SHUTS_OUT
        .into_iter()
        .find(|it| last.iter().any(|word| word == it));
    if let (Some(word), Some(_)) = (shuts, says(&PEOPLE)) {
        return guess(
            Effect::Admin,
            format!("`{word}` at its end decides who may come in"),
        );
    }
    let is_many = route.ending().is_some_and(|ending| ending.is_plural);
    let looking = if is_many { &[][..] } else { &last };
    if let Some(word) = looks_up(looking, clues).filter(|_| route.method == "POST") {
        let because = format!("{by_method}; `{word}` may only look something up: if so, `read`");
        return guess(Effect::Write, because);
    }
    guess(Effect::Write, by_method)
}

/// The word by which a POST may only look something up.
pub(super) fn looks_up(last: &[String], clues: &Clues) -> Option<&'static str> {
    let named: Vec<String> = clues
        .names
        .iter()
        .filter_map(|name| verb_of(name))
        .collect();
    LOOKS_UP
        .into_iter()
        .find(|looks| last.iter().chain(&named).any(|word| word == looks))
}
