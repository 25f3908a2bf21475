//! `/.well-known/locum/` on every application's host: the gateway's own, never forwarded. Nothing here has a
//! parameter that names an identity.

mod end;
mod open;
mod session;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;

use crate::answer::{Answer, RefusalAnswer, STYLESHEET};
use crate::request::{Door, FetchSite};
use crate::site::Site;

const ROOT: &str = "/.well-known/locum";

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Tells a browser to drop what it keeps of an application.
fn clear(headers: &mut HeaderMap) {
    let all = HeaderValue::from_static("\"cache\", \"storage\"");
    headers.insert(CLEAR_SITE_DATA, all);
}

/// Tells a browser to drop what it keeps of an application, the gateway's cookie too: its session is over.
pub(crate) fn forget(headers: &mut HeaderMap, site: &Site) {
    clear(headers);
    set_cookie(headers, site.cookie_name(), "", site.is_secure(), Some(0));
}

/// Whether a path is the gateway's own, in whatever spelling.
pub(crate) fn is_own(path: &str) -> bool {
    if path.starts_with(ROOT) {
        return path
            .get(ROOT.len()..)
            .is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', ';', '%']));
    }
    if !path.contains('%') && !path.contains(|it: char| it.is_ascii_uppercase()) {
        return false;
    }
    let decoded = percent_decode_str(path)
        .decode_utf8_lossy()
        .to_ascii_lowercase();
    decoded.starts_with(ROOT)
}

/// Answers one of the gateway's own addresses.
pub(crate) async fn answer(
    door: &Door,
    site: &Arc<Site>,
    request: Request<Incoming>,
) -> Response<Answer> {
    let refuse = |answer: RefusalAnswer| answer.to(&request, Some(site), &door.gateway);
    let allowed = match request.uri().path().strip_prefix(ROOT) {
        Some("/open" | "/session" | "/banner.css") => Method::GET,
        Some("/end") => Method::POST,
        _ => return refuse(RefusalAnswer::nothing_here()),
    };
    if request.method() != allowed {
        let allowed = if allowed == Method::GET {
            "GET"
        } else {
            "POST"
        };
        return refuse(RefusalAnswer::method(allowed));
    }
    match request.uri().path().strip_prefix(ROOT) {
        Some("/open") => open::open(door, site, &request),
        Some("/session") if FetchSite::of(request.headers()).is_foreign() => {
            refuse(RefusalAnswer::foreign())
        }
        Some("/session") => session::session(door, site, &request),
        Some("/end") => end::end(door, site, request).await,
        _ => stylesheet(),
    }
}

fn stylesheet() -> Response<Answer> {
    let mut response = Response::new(Answer::text(STYLESHEET));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    response
}

/// A cookie of the gateway's own: for this host only, out of reach of scripts.
pub(crate) fn set_cookie(
    headers: &mut HeaderMap,
    name: &str,
    value: &str,
    is_secure: bool,
    max_age_seconds: Option<u64>,
) {
    let secure = if is_secure { "; Secure" } else { "" };
    let age = max_age_seconds.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(mut line) = HeaderValue::try_from(line) {
        line.set_sensitive(true);
        headers.append(http::header::SET_COOKIE, line);
    }
}
