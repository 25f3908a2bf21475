//! Ids in recorded paths become `*`. What is written out must be a name that the application gave, for two reasons: a
//! route with somebody's id in it fits nobody else, and a path may hold a secret, as links in mails do.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::access::folded;

use crate::propose::route::{Clues, Route, Routes, Segment};
use crate::propose::signs::in_words;
use crate::propose::verb::does_something;
use crate::propose::words::{is_plural, is_technical, words};

/// Names with digits in them: they must stay, for what they say.
const NAMES_WITH_DIGITS: [&str; 14] = [
    "2fa", "2-fa", "oauth2", "fido2", "u2f", "saml2", "i18n", "l10n", "a11y", "s3", "p2p", "b2b",
    "web3", "e2e",
];

/// What stands behind these is a secret more often than a name.
const BEFORE_SECRETS: [&str; 20] = [
    "accept",
    "activate",
    "activation",
    "callback",
    "confirm",
    "confirmation",
    "download",
    "i",
    "invitation",
    "invite",
    "join",
    "link",
    "magic",
    "r",
    "reset",
    "s",
    "share",
    "t",
    "token",
    "verify",
];

/// What stands for no id though it stands where one could.
const NO_IDS: [&str; 16] = [
    "all", "count", "current", "default", "export", "import", "latest", "list", "me", "mine", "my",
    "new", "recent", "search", "self", "summary",
];

/// Siblings that end alike from which on they are taken for ids.
const ENOUGH_WITH_TAIL: usize = 3;
/// The same where nothing follows.
const ENOUGH_AT_END: usize = 8;

/// The segments of a decoded path, ids folded.
pub(super) fn fold(texts: Vec<String>) -> Vec<Segment> {
    let mut folded = Vec::with_capacity(texts.len());
    let mut before = String::new();
    for text in texts {
        let is_secret = BEFORE_SECRETS.contains(&before.to_ascii_lowercase().as_str())
            && in_words(&words(&text), |_| true).is_none();
        let is_kept = text.is_empty() || (is_name(&text) && !is_secret);
        folded.push(if is_kept {
            Segment::Literal(text.clone())
        } else {
            Segment::One
        });
        before = text;
    }
    folded
}

/// Whether an application would call a part of its addresses so: one rule with what is folded of refused paths.
fn is_name(text: &str) -> bool {
    let is_listed = NAMES_WITH_DIGITS.contains(&text.to_ascii_lowercase().as_str());
    let is_version =
        text.len() <= 8 && is_technical(text) && !text.bytes().all(|b| b.is_ascii_digit());
    is_listed
        || is_version && text.starts_with('v')
        || folded("GET", &format!("/{text}"))
            .is_some_and(|it| it.path.trim_start_matches('/') == text)
}

/// Folds what only several recordings show: many siblings behind a plural, each once, are somebody's names.
pub(super) fn fold_siblings(routes: Routes) -> Routes {
    let mut routes = routes;
    let deepest = routes
        .0
        .keys()
        .map(|route| route.segments.len())
        .max()
        .unwrap_or(0);
    for at in 1..deepest {
        routes = fold_at(routes, at);
    }
    routes
}

fn fold_at(routes: Routes, at: usize) -> Routes {
    let mut families: BTreeMap<Route, BTreeSet<&str>> = BTreeMap::new();
    for (route, clues) in &routes.0 {
        if let (Some(family), Some(name)) = (family(route, clues, at), name(route, at)) {
            families.entry(family).or_default().insert(name);
        }
    }
    let is_told = |name: &&str| in_words(&words(name), |_| true).is_some() || does_something(name);
    let folded: BTreeSet<Route> = families
        .into_iter()
        .filter(|(family, names)| {
            let has_tail = family.segments.len() > at + 1;
            let enough = if has_tail {
                ENOUGH_WITH_TAIL
            } else {
                ENOUGH_AT_END
            };
            names.len() >= enough && !names.iter().any(is_told)
        })
        .map(|(family, _)| family)
        .collect();
    let mut after = Routes::default();
    for (route, mut clues) in routes.0 {
        match family(&route, &clues, at).filter(|family| folded.contains(family)) {
            Some(family) => {
                let note = "a `*` here was several names beside each other, taken for ids: see that none is a page of its own";
                clues.notes.insert(note.to_owned());
                after.add(family, clues);
            }
            None => after.add(route, clues),
        }
    }
    after
}

fn name(route: &Route, at: usize) -> Option<&str> {
    route
        .segments
        .get(at)?
        .literal()
        .filter(|name| !name.is_empty())
}

/// The route with a star at this place, if an id could stand there.
fn family(route: &Route, clues: &Clues, at: usize) -> Option<Route> {
    name(route, at).filter(|name| !NO_IDS.contains(name))?;
    let before = route.segments.get(at.checked_sub(1)?)?.literal()?;
    if clues.is_asset || !is_plural(before) || is_technical(before) {
        return None;
    }
    let mut family = route.clone();
    *family.segments.get_mut(at)? = Segment::One;
    Some(family)
}

/// Says where a name stands that may be somebody's.
pub(super) fn note_doubts(routes: &mut Routes) {
    for (route, clues) in &mut routes.0 {
        for at in 1..route.segments.len() {
            let is_last_word = name(route, at).is_some_and(|name| {
                is_plural(name)
                    || does_something(name)
                    || in_words(&words(name), |_| true).is_some()
            });
            if family(route, clues, at).is_some() && !is_last_word {
                let name = name(route, at).unwrap_or_default();
                clues.notes.insert(format!(
                    "`{name}` stands where an id often stands: write `*` if it is one"
                ));
            }
        }
    }
}
