//! Addresses whose body carries other requests or calls. A route says nothing about what those do, so that such an
//! address is never proposed: what nobody listed is refused.

use super::route::{Clues, Route, Segment};
use super::words::words;

/// What such an address is called, where it is called nothing else.
const CALLED: [&str; 9] = [
    "batch",
    "batch request",
    "bulk",
    "json rpc",
    "jsonrpc",
    "multi",
    "rpc",
    "soap",
    "xmlrpc",
];

/// Whether what is sent to this address are requests or calls of their own.
pub(super) fn carries_others(route: &Route, clues: &Clues) -> bool {
    if route.is_safe() {
        return false;
    }
    let literals: Option<Vec<&str>> = route.meaning().iter().map(Segment::literal).collect();
    let name = match literals.as_deref() {
        Some([name] | [name, ""]) => words(name.strip_suffix(".php").unwrap_or(name)).join(" "),
        _ => return false,
    };
    let is_called_so = CALLED.contains(&name.as_str());
    let is_batch = matches!(name.as_str(), "batch" | "bulk" | "multi");
    // One thing's own batch says what it takes; `requests` and `operations` are anything.
    let takes = |field: &str| {
        clues
            .body_fields
            .as_ref()
            .is_none_or(|fields| fields.iter().any(|it| words(it) == [field]))
    };
    is_called_so && (!is_batch || takes("request") || takes("operation") || takes("method"))
}
