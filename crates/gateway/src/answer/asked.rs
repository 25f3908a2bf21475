//! What was asked, as far as an answer of the gateway's own needs it again.

use http::request::Parts;
use http::{HeaderMap, Method, Request};

/// A longer path is shown by its beginning.
const LONGEST_SHOWN: usize = 200;

/// The part of a request that a refusal repeats. The query is none of it: it may hold a ticket.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) headers: Option<&'r HeaderMap>,
    what: Option<(&'r Method, &'r str)>,
}

impl Asked<'_> {
    /// Bytes that were not understood.
    pub(crate) fn unread() -> Self {
        Self {
            headers: None,
            what: None,
        }
    }

    /// Method and path, for people.
    pub(super) fn shown(&self) -> Option<String> {
        let (method, path) = self.what?;
        let mut shown: String = path.chars().take(LONGEST_SHOWN).collect();
        if shown.len() < path.len() {
            shown.push('…');
        }
        let method: String = method.as_str().chars().take(32).collect();
        Some(format!("{method} {shown}"))
    }
}

impl<'r, B> From<&'r Request<B>> for Asked<'r> {
    fn from(request: &'r Request<B>) -> Self {
        Self {
            headers: Some(request.headers()),
            what: Some((request.method(), request.uri().path())),
        }
    }
}

impl<'r> From<&'r Parts> for Asked<'r> {
    fn from(parts: &'r Parts) -> Self {
        Self {
            headers: Some(&parts.headers),
            what: Some((&parts.method, parts.uri.path())),
        }
    }
}
