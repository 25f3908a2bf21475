//! The browser's cookies (RFC 6265 §4.2).

use http::HeaderMap;
use http::header::COOKIE;

/// Every cookie as name and value, over all `Cookie` lines.
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// The values of the cookies with this name: a sibling host may have added one.
pub(crate) fn named<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    all(headers)
        .filter(move |(it, _)| *it == name)
        .map(|(_, value)| value)
}
