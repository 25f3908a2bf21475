//! Judging addresses: is it a web address, and does it stay on this machine?

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use crate::problem::Problems;
use crate::source::At;

/// Parses an `http` or `https` address with a host and without credentials, query or fragment.
pub(crate) fn web(text: &At<String>, name: &str, problems: &Problems) -> Option<Url> {
    let url = match Url::parse(&text.value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => url,
        Ok(url) if url.scheme() == "unix" => {
            problems.error_with(
                &text.place,
                format!("`{name}`: Unix sockets are not built yet"),
                "write \"http://127.0.0.1:PORT\"",
            );
            return None;
        }
        _ => {
            problems.error_with(
                &text.place,
                format!("`{name}` is not a web address"),
                "write \"http://HOST:PORT\" or \"https://HOST\"",
            );
            return None;
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        problems.unquoted(
            &text.place,
            format!("`{name}` holds credentials"),
            "give secrets by reference: env:NAME or file:PATH",
        );
        return None;
    }
    if url.fragment().is_some() {
        problems.error(
            &text.place,
            format!("`{name}` has a fragment, which is never sent"),
        );
        return None;
    }
    Some(url)
}

/// The same, where nothing but scheme, host and port may be said. Answers it without a final slash.
pub(crate) fn origin(text: &At<String>, name: &str, problems: &Problems) -> Option<Url> {
    let url = web(text, name, problems)?;
    if url.path() != "/" || url.query().is_some() {
        problems.error(
            &text.place,
            format!("`{name}` is scheme, host and port only"),
        );
        return None;
    }
    Some(url)
}

/// An origin as text, without a final slash.
pub(crate) fn origin_text(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether only this machine can be meant.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// `localhost` and everything below it (RFC 6761).
pub(crate) fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

/// Whether a listener is reachable from this machine only.
pub(crate) fn listens_on_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Whether two listeners cannot both be bound. Port 0 asks for a free one and clashes with nothing.
pub(crate) fn clash(one: &SocketAddr, other: &SocketAddr) -> bool {
    let any = |address: &SocketAddr| address.ip().is_unspecified();
    one.port() == other.port()
        && one.port() != 0
        && (one.ip() == other.ip() || any(one) || any(other))
}

/// A DNS label: lower-case letters, digits and hyphens, not at the ends, at most 63.
pub(crate) fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The name of an HTTP header (RFC 9110 token).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
