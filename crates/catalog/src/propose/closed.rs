//! Which class of closed operation something looks like. Whatever looks like one is closed: opening what was closed
//! by mistake takes a reviewer a minute, and what was left open by mistake is open to every impersonator.

use super::route::{Clues, Route, Segment};
use super::signs::{Changed, Sign, When, in_body, in_words};
use super::words::words;

/// Words at the end of a GET that does something all the same: a link in a mail confirms, a bookmark signs out.
const DOING: [&str; 32] = [
    "accept",
    "activate",
    "add",
    "approve",
    "cancel",
    "confirm",
    "connect",
    "create",
    "deactivate",
    "decline",
    "delete",
    "destroy",
    "disable",
    "disconnect",
    "enable",
    "erase",
    "invite",
    "join",
    "pay",
    "publish",
    "purge",
    "reject",
    "remove",
    "reset",
    "revoke",
    "send",
    "sign",
    "submit",
    "subscribe",
    "unsubscribe",
    "update",
    "verify",
];

/// Methods as generated names repeat them: `post` in `postInvoice` is no speech.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Media types that hold many things in one file.
const MANY_IN_ONE: [&str; 4] = ["csv", "spreadsheet", "archive", "ndjson"];

/// What somebody's account is called at the end of a path.
const ACCOUNT: [&str; 6] = ["account", "me", "myself", "preference", "profile", "user"];

/// A class of closed operation, and what looks like it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closed {
    pub(super) class: &'static str,
    pub(super) because: String,
}

/// Whether a route changes something, by its method or by its name.
pub(super) fn changes(route: &Route, clues: &Clues) -> bool {
    !route.is_safe() || does_by_name(route, clues).is_some()
}

/// The word by which a GET does something.
pub(super) fn does_by_name(route: &Route, clues: &Clues) -> Option<&'static str> {
    let ending = route.ending().filter(|ending| !ending.is_plural);
    let last = ending.map(|ending| words(ending.name)).unwrap_or_default();
    let mut heads = last
        .first()
        .into_iter()
        .chain(last.last())
        .cloned()
        .collect::<Vec<_>>();
    heads.extend(clues.names.iter().filter_map(|name| verb_of(name)));
    DOING
        .into_iter()
        .find(|doing| heads.iter().any(|word| word == doing))
}

/// The verb of `users/delete-one` or `deleteUser`.
pub(super) fn verb_of(name: &str) -> Option<String> {
    let own = name.rsplit(['/', '.', ':']).next().unwrap_or(name);
    words(own).into_iter().next()
}

/// The class that a route looks like, if any.
pub(super) fn closed(route: &Route, clues: &Clues) -> Option<Closed> {
    if clues.is_asset {
        return None;
    }
    let changes = changes(route, clues);
    let fits = |sign: &Sign| changes || sign.when == When::Always;
    let path = route.words();
    let because = |what: &str, phrase: &str| format!("{what} says `{phrase}`");
    if let Some((sign, phrase)) = in_words(&path, fits) {
        return Some(Closed {
            class: sign.class,
            because: because("its path", phrase),
        });
    }
    for name in clues.names.iter().chain(&clues.tag) {
        let mut words = words(name);
        words.retain(|word| !METHODS.contains(&word.as_str()));
        if let Some((sign, phrase)) = in_words(&words, fits) {
            return Some(Closed {
                class: sign.class,
                because: because("its name or tag", phrase),
            });
        }
    }
    if !route.is_safe()
        && let Some(found) = by_body(route, clues)
    {
        return Some(found);
    }
    // What DELETE does needs no summary.
    if changes && route.method != "DELETE" {
        for summary in &clues.summaries {
            if let Some((sign, phrase)) = in_words(&words(summary), |_| true) {
                return Some(Closed {
                    class: sign.class,
                    because: because("its summary", phrase),
                });
            }
        }
    }
    by_shape(route, clues)
}

/// What is sent with it.
fn by_body(route: &Route, clues: &Clues) -> Option<Closed> {
    let changed = match (is_account(route), is_update(route)) {
        (true, _) => Changed::Account,
        (false, true) => Changed::Thing,
        (false, false) => Changed::Any,
    };
    let fields = clues.body_fields.as_ref()?;
    let (class, phrase) = in_body(fields.iter().map(|field| words(field)), changed)?;
    Some(Closed {
        class,
        because: format!("a field of its body says `{phrase}`"),
    })
}

/// Whether it changes one thing that is there: only then is an address in it the change of an address.
fn is_update(route: &Route) -> bool {
    let is_of_one = route.meaning().last() == Some(&Segment::One);
    matches!(route.method.as_str(), "PUT" | "PATCH") || is_of_one || is_account(route)
}

/// Whether it ends at somebody's account: `/profile` is one's own, and `/users/{id}` another's.
fn is_account(route: &Route) -> bool {
    let is_called_so = |name: &str| {
        words(name)
            .last()
            .is_some_and(|word| ACCOUNT.contains(&word.as_str()))
    };
    match (route.ending(), route.meaning()) {
        (Some(ending), _) => is_called_so(ending.name) && !ending.is_plural,
        (None, [.., Segment::Literal(before), Segment::One]) => is_called_so(before),
        (None, _) => false,
    }
}

/// The method, the answer, and where nothing else is known.
fn by_shape(route: &Route, clues: &Clues) -> Option<Closed> {
    let closed = |class, because: &str| {
        Some(Closed {
            class,
            because: because.to_owned(),
        })
    };
    if route.method == "DELETE" {
        return closed("deletion", "its method is DELETE");
    }
    let last = route
        .ending()
        .map(|ending| words(ending.name))
        .unwrap_or_default();
    let is_many_in_one = clues
        .answers_file
        .is_some_and(|kind| MANY_IN_ONE.contains(&kind))
        || last
            .iter()
            .skip(1)
            .any(|word| matches!(word.as_str(), "csv" | "xlsx" | "xls" | "zip" | "ndjson"));
    if is_many_in_one && route.stars() == 0 {
        return closed("bulk-export", "it answers a whole collection as one file");
    }
    if route.is_safe() {
        return None;
    }
    if route.method == "POST" && last == ["user"] {
        return closed("roles", "it makes an account, which is an invitation");
    }
    if is_account(route) && clues.body_fields.is_none() {
        return closed(
            "contact-change",
            "it changes an account, and whether its body holds an address or a password is not known",
        );
    }
    None
}
