//! The request as the application gets it: what the client may say, and what only the gateway says.

use std::fmt::Write as _;
use std::net::IpAddr;

use http::header::InvalidHeaderValue;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, COOKIE, HOST, IF_RANGE, ORIGIN, RANGE, REFERER,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use locum_domain::RecordId;
use locum_domain::catalog::Effect;

use super::cookies;
use super::strip::connection_names;
use super::upload::Upload;
use crate::session::{CurrentAssertion, LiveApplication};
use crate::site::Site;

/// The record's id beside the assertion.
const REQUEST: HeaderName = HeaderName::from_static("locum-request");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const DESTINATION: HeaderName = HeaderName::from_static("destination");

/// Everything that goes into a request to an application.
pub(crate) struct Outgoing<'r> {
    pub(crate) from: &'r Parts,
    pub(crate) site: &'r Site,
    pub(crate) application: &'r LiveApplication,
    pub(crate) assertion: &'r CurrentAssertion,
    /// The plain header with the subject, where the application takes one.
    pub(crate) trusted: Trusted,
    pub(crate) record: &'r RecordId,
    pub(crate) effect: Effect,
    pub(crate) peer: Option<IpAddr>,
}

/// The plain header with the subject's id, where the application takes one.
pub(crate) type Trusted = Option<(HeaderName, HeaderValue)>;

/// Makes that header.
///
/// # Errors
/// When the id is no visible ASCII: two web servers would read two names in it.
pub(crate) fn trusted(
    site: &Site,
    application: &LiveApplication,
) -> Result<Trusted, InvalidHeaderValue> {
    site.trusted_header
        .as_ref()
        .map(|name| Ok((name.clone(), HeaderValue::from_str(&application.subject)?)))
        .transpose()
}

impl Outgoing<'_> {
    /// The request with this body.
    pub(crate) fn request(&self, body: Upload) -> Request<Upload> {
        let mut request = Request::new(body);
        *request.method_mut() = self.from.method.clone();
        *request.version_mut() = Version::HTTP_11;
        *request.uri_mut() = self.uri();
        *request.headers_mut() = self.headers();
        request
    }

    /// The path exactly as it was matched, and the query as it came.
    fn uri(&self) -> Uri {
        self.from
            .uri
            .path_and_query()
            .cloned()
            .map_or_else(Uri::default, Uri::from)
    }

    fn headers(&self) -> HeaderMap {
        let (client, site) = (&self.from.headers, self.site);
        let mut headers = HeaderMap::with_capacity(client.len() + 8);
        headers.insert(HOST, site.upstream.authority.clone());
        let per_connection = connection_names(client);
        for (name, value) in client {
            let is_dropped = site.strip.has(name.as_str())
                || (per_connection.iter().any(|it| it == name.as_str()) && *name != CONTENT_LENGTH);
            if !is_dropped {
                headers.append(name, self.translated(name, value));
            }
        }
        if may_be_html(client, self.effect) {
            // The banner is written into plain text; and a part of a page cannot carry it.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            if asks_for_html(client) {
                headers.remove(RANGE);
                headers.remove(IF_RANGE);
            }
        }
        if let Some(cookies) = self.cookies() {
            headers.insert(COOKIE, cookies);
        }
        self.forwarding(&mut headers);
        headers.insert(site.assertion_header.clone(), self.assertion.header.clone());
        if let Ok(record) = HeaderValue::from_str(self.record.as_str()) {
            headers.insert(REQUEST, record);
        }
        if let Some((name, subject)) = &self.trusted {
            headers.insert(name.clone(), subject.clone());
        }
        if let Some((name, value)) = &site.secret_header {
            headers.insert(name.clone(), value.clone());
        }
        headers
    }

    /// The application's own jar, and of the browser's cookies those that are listed as harmless.
    fn cookies(&self) -> Option<HeaderValue> {
        let from_jar = if self.application.jar.is_empty() {
            None
        } else {
            let url = self.site.upstream.jar_url(self.from.uri.path());
            self.application.jar.header_for(&url)
        };
        let mut value = from_jar.unwrap_or_default();
        if !self.site.harmless_cookies.is_empty() {
            for (name, content) in cookies::all(&self.from.headers) {
                if self.site.harmless_cookies.contains(name) {
                    let separator = if value.is_empty() { "" } else { "; " };
                    // Writing to a string cannot fail.
                    let _ = write!(value, "{separator}{name}={content}");
                }
            }
        }
        if value.is_empty() {
            return None;
        }
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn forwarding(&self, headers: &mut HeaderMap) {
        let proto = if self.site.origin.starts_with("https:") {
            "https"
        } else {
            "http"
        };
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static(proto));
        // Not the client's `Host`: another spelling of it would be the client's text in the application's links.
        headers.insert(FORWARDED_HOST, self.site.authority.clone());
        let peer = self
            .peer
            .and_then(|peer| HeaderValue::try_from(peer.to_string()).ok());
        if let Some(peer) = peer {
            headers.insert(FORWARDED_FOR, peer);
        }
    }

    /// `Origin`, `Referer` and `Destination` name the gateway's host; the application knows its own.
    fn translated(&self, name: &HeaderName, value: &HeaderValue) -> HeaderValue {
        if *name != ORIGIN && *name != REFERER && *name != DESTINATION {
            return value.clone();
        }
        value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix(&self.site.origin))
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
            .and_then(|rest| {
                HeaderValue::try_from(format!("{}{rest}", self.site.upstream.origin)).ok()
            })
            .unwrap_or_else(|| value.clone())
    }
}

/// The path that `Destination` names on this site.
///
/// # Errors
/// When it is repeated, no text, or on another site.
pub(crate) fn destination<'h>(
    headers: &'h HeaderMap,
    site: &Site,
) -> Result<Option<&'h str>, &'static str> {
    let mut values = headers.get_all(&DESTINATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("`Destination` is repeated");
    }
    let text = value.to_str().map_err(|_| "`Destination` is no address")?;
    let path = text.strip_prefix(&site.origin).unwrap_or(text);
    if !path.starts_with('/') {
        return Err("`Destination` is on another site");
    }
    Ok(path.split(['?', '#']).next())
}

/// Whether an HTML page may come back: what the client does not rule out, and of assets what it asks for by
/// name, as it does for the shell of an application that is one page.
fn may_be_html(headers: &HeaderMap, effect: Effect) -> bool {
    let accepts_any = || {
        headers
            .get_all(ACCEPT)
            .iter()
            .any(|it| it.as_bytes().windows(3).any(|part| part == b"*/*"))
    };
    asks_for_html(headers)
        || (effect != Effect::Asset && (!headers.contains_key(ACCEPT) || accepts_any()))
}

fn asks_for_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().any(|it| {
        it.as_bytes()
            .windows(9)
            .any(|part| part.eq_ignore_ascii_case(b"text/html"))
    })
}
