//! Whether a request is use: whether somebody at work asked for it. What is not use is judged, recorded and
//! answered like any request, and keeps no session awake: a page left open must not hold access open.
//!
//! No use is what belongs to an operation that is an asset, what a browser fetches ahead, and polling. Polling is
//! told by what a browser says of its own requests (Fetch Metadata): of a cookie's requests that come with it,
//! use is
//!
//! - a navigation (`Sec-Fetch-Mode: navigate`),
//! - an unsafe method (RFC 9110 §9.2.1),
//! - a safe method on a path that the session has not asked for lately, whatever its query.
//!
//! At a GraphQL endpoint, where one address is asked for everything, what is asked for is the document with its
//! variables, and unsafe is what does more than read.
//!
//! So a script that asks for one address again and again wakes nobody, and neither does its event stream when it
//! connects again. The rule errs where nobody can know: a page that polls by POST, that reloads itself, or that
//! counts in its paths looks like somebody at work, and somebody who only makes a script fetch one path again
//! and again does not; the next other path, form or page counts again. A request without Fetch Metadata, or
//! with an access token, comes from a program, and a program's request is its use.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::request::Parts;
use locum_domain::access::Permit;
use locum_domain::catalog::Effect;

use super::authenticate::Authenticated;
use super::fetch_metadata::{is_ahead, is_navigation, is_said};

/// Judges an admitted request; asked once for each, since a path is new once.
pub(super) fn is_use(
    known: &Authenticated,
    permit: &Permit,
    beside: &[Permit],
    parts: &Parts,
    document: Option<&[u8]>,
) -> bool {
    if permit.effect() == Effect::Asset || is_ahead(&parts.headers) {
        return false;
    }
    if !known.by_cookie || !is_said(&parts.headers) {
        return true;
    }
    let application = &known.opened.site.id;
    let Some(document) = document else {
        let is_new = known.session.recent.is_new(application, parts.uri.path());
        return is_new || is_navigation(&parts.headers) || !parts.method.is_safe();
    };
    let mut hasher = DefaultHasher::new();
    (parts.uri.query(), document).hash(&mut hasher);
    let asked = format!("{}#{}", parts.uri.path(), hasher.finish());
    let only_reads = |it: &Permit| it.effect() == Effect::Read;
    let is_safe = only_reads(permit) && beside.iter().all(only_reads);
    known.session.recent.is_new(application, &asked) || !is_safe
}
