//! Every address that Locum answers, read off the routers themselves.

use std::collections::BTreeSet;

const HTTP: &str = include_str!("../../../http/src/router.rs");
const CONSOLE: &str = include_str!("../../../console/src/router.rs");
const GATEWAY: &str = include_str!("../../../gateway/src/own/mod.rs");

/// Where the gateway's own addresses are, at every application.
pub(crate) const OWN: &str = "/.well-known/locum";

/// Whose address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Room {
    Http,
    Console,
    Gateway,
}

/// `METHOD /path`, and whose it is.
pub(crate) fn all() -> BTreeSet<(Room, String)> {
    let mut found = BTreeSet::new();
    for (room, text) in [(Room::Http, HTTP), (Room::Console, CONSOLE)] {
        for method in ["GET", "POST"] {
            found.extend(routed(text, method).into_iter().map(|it| (room, it)));
        }
    }
    for line in GATEWAY.lines().filter(|line| line.contains("=> Method::")) {
        let (paths, method) = line.split_once("=> Method::").unwrap();
        let method = method.trim_end_matches([',', ' ']);
        let paths = paths.split('"').filter(|it| it.starts_with('/'));
        found.extend(paths.map(|path| (Room::Gateway, format!("{method} {OWN}{path}"))));
    }
    found
}

/// The addresses of a router that answer this method, by its own text: a path is followed by its verbs, up to the next
/// path.
fn routed(router: &str, method: &str) -> BTreeSet<String> {
    let verb = format!("{}(", method.to_lowercase());
    let mut found = BTreeSet::new();
    let mut texts = router.split('"').skip(1);
    while let (Some(path), verbs) = (texts.next(), texts.next().unwrap_or_default()) {
        if path.starts_with('/') && verbs.contains(&verb) {
            found.insert(format!("{method} {path}"));
        }
    }
    found
}
