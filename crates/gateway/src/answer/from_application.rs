//! The application's answer, made fit for the browser: nothing of the subject's credentials, and the banner.

use std::sync::Arc;

use http::header::{
    ALT_SVC, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, CONTENT_TYPE, EXPIRES, LOCATION,
    PRAGMA, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts as Asked;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};
use hyper::body::Incoming;
use locum_domain::access::Outcome;

use super::Answer;
use super::banner::{Banner, BannerFacts};
use super::bannered::Bannered;
use super::coding::{Coding, Unfolding, coding};
use super::content_policy;
use super::download::Download;
use super::refusal::RefusalAnswer;
use super::session_header;
use crate::gateway::Inner;
use crate::request::{UploadProgress, connection_names};
use crate::session::Exchange;
use crate::site::Site;
use crate::upstream::Held;

/// What a page must be to carry the banner.
enum Carrier {
    /// No page, or not shown as one.
    NotAPage,
    /// A page, in this coding.
    Page(Option<Coding>),
    /// A page that cannot be written into.
    Closed(&'static str),
}

/// Passes an answer on.
pub(crate) fn from_application(
    gateway: &Inner,
    exchange: &Arc<Exchange>,
    asked: &Asked,
    answer: Response<Incoming>,
    held: Held,
    upload: UploadProgress,
) -> Response<Answer> {
    let (mut parts, body) = answer.into_parts();
    // Some applications still speak HTTP/1.0; that is between them and the gateway.
    parts.version = Version::HTTP_11;
    exchange.reached();
    let site = &exchange.site;
    if parts.status.is_informational() {
        let answer = RefusalAnswer::upstream_unreachable(&site.name);
        exchange.answered(answer.status());
        exchange.close(Outcome::Failed);
        return answer.to(asked, Some(site), gateway);
    }
    let is_empty = asked.method == Method::HEAD
        || matches!(
            parts.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
    let carrier = carrier(&parts, asked);
    clean(&mut parts.headers, asked, exchange);
    let now = gateway.ports.clock.now();
    let Some(application) = exchange.session.application(&site.id) else {
        exchange.close(Outcome::Failed);
        return RefusalAnswer::no_session().to(asked, Some(site), gateway);
    };
    let mode = application.mode(site);
    session_header::insert(&mut parts.headers, &exchange.session, application, mode);
    let page = match carrier {
        Carrier::NotAPage => None,
        Carrier::Closed(why) => {
            tracing::warn!(application = %site.id, why, "a page could not carry its banner");
            let answer = RefusalAnswer::unbannered(why);
            exchange.answered(answer.status());
            exchange.close(Outcome::Failed);
            return answer.to(asked, Some(site), gateway);
        }
        Carrier::Page(coding) => {
            parts.headers.remove(CONTENT_ENCODING);
            content_policy::allow_banner(&mut parts.headers, &site.origin);
            parts.headers.remove(CONTENT_LENGTH);
            let facts = BannerFacts {
                session: &exchange.session,
                subject: &application.subject,
                mode,
                now,
                is_development: gateway.settings.is_development,
            };
            let unfolding = coding.map(Unfolding::of);
            (!is_empty).then(|| Bannered::over(Banner::over(&facts), unfolding))
        }
    };
    exchange.answered(parts.status);
    let download = Download::new(body, exchange.clone(), held, upload, page, is_empty);
    Response::from_parts(parts, Answer::Passing(Box::new(download)))
}

/// Takes out what belongs to the connection, to the jar, or to the gateway, and maps the application's own
/// origin to its host here.
fn clean(headers: &mut HeaderMap, asked: &Asked, exchange: &Exchange) {
    for name in connection_names(headers) {
        if name != CONTENT_LENGTH.as_str() {
            headers.remove(name);
        }
    }
    for name in [
        CONNECTION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        ALT_SVC,
        EXPIRES,
        PRAGMA,
    ] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection", "service-worker-allowed"] {
        headers.remove(name);
    }
    let own: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("locum-"))
        .cloned()
        .collect();
    for name in own {
        headers.remove(name);
    }
    keep_cookies(headers, asked, exchange);
    for name in [LOCATION, CONTENT_LOCATION] {
        if let Some(mapped) = headers
            .get(&name)
            .and_then(|value| mapped(value, &exchange.site))
        {
            headers.insert(name, mapped);
        }
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Cookies go into the jar; only those that the application lists as harmless go on to the browser.
fn keep_cookies(headers: &mut HeaderMap, asked: &Asked, exchange: &Exchange) {
    if !headers.contains_key(SET_COOKIE) {
        return;
    }
    let site = &exchange.site;
    let lines: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    let is_harmless = |line: &str| {
        let name = line.split(['=', ';']).next().unwrap_or_default().trim();
        site.harmless_cookies.contains(name)
    };
    let (harmless, kept): (Vec<_>, Vec<_>) = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .partition(|line| is_harmless(line));
    for line in harmless {
        if let Ok(line) = HeaderValue::from_str(&for_this_host(line)) {
            headers.append(SET_COOKIE, line);
        }
    }
    if kept.is_empty() || exchange.session.ended().is_some() {
        return;
    }
    if let Some(application) = exchange.session.application(&site.id) {
        let url = site.upstream.jar_url(asked.uri.path());
        application.jar.keep(kept.iter().copied(), &url);
    }
}

/// A `Set-Cookie` line without `Domain`: that names the application's host, and a sibling application here must
/// not get the cookie either.
fn for_this_host(line: &str) -> String {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let mut kept = pair.to_owned();
    for attribute in attributes.split(';').filter(|it| !it.trim().is_empty()) {
        let name = attribute.split('=').next().unwrap_or_default();
        if !name.trim().eq_ignore_ascii_case("domain") {
            kept.push(';');
            kept.push_str(attribute);
        }
    }
    kept
}

/// An address on the application's own origin, as one on its host here.
fn mapped(value: &HeaderValue, site: &Site) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    let origin = &site.upstream.origin;
    let rest = text
        .strip_prefix(origin.as_str())
        .or_else(|| text.strip_prefix(origin.trim_start_matches("http:")))?;
    if !(rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
        return None;
    }
    HeaderValue::try_from(format!("{}{rest}", site.origin)).ok()
}

fn carrier(parts: &Parts, asked: &Asked) -> Carrier {
    let Some(kind) = parts.headers.get(CONTENT_TYPE) else {
        return Carrier::NotAPage;
    };
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !matches!(essence, "text/html" | "application/xhtml+xml") || is_for_a_script(&asked.headers)
    {
        return Carrier::NotAPage;
    }
    if kind.contains("charset=utf-16") || kind.contains("charset=utf-32") {
        return Carrier::Closed("its characters are not ASCII-compatible");
    }
    if parts.status == StatusCode::PARTIAL_CONTENT {
        return Carrier::Closed("it is a part of a page");
    }
    match coding(&parts.headers) {
        Ok(coding) => Carrier::Page(coding),
        Err(_) => Carrier::Closed("it is in a coding that was not asked for"),
    }
}

/// Whether the browser says that a script or a style sheet gets this, and no window shows it. The page that
/// runs the script has its banner.
fn is_for_a_script(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|dest| {
        !matches!(
            dest.as_bytes(),
            b"document" | b"iframe" | b"frame" | b"embed" | b"object" | b"fencedframe"
        )
    })
}

/// The policies of an answer, both kinds.
pub(crate) const POLICIES: [http::HeaderName; 2] =
    [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY];
