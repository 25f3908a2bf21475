//! An application is never Locum itself: a session that led there would begin another from inside (R20).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use locum_domain::ApplicationId;
use url::{Host, Url};

use crate::address::{is_loopback, is_loopback_name};
use crate::problem::Problems;
use crate::settings::Settings;
use crate::source::At;

/// Refuses every `upstream` at which Locum's own server or gateway answers.
pub(crate) fn no_upstream_is_ours(
    settings: &Settings,
    addresses: &BTreeMap<SocketAddr, At<ApplicationId>>,
    upstreams: &[At<Url>],
    problems: &Problems,
) {
    for upstream in upstreams {
        let door = listener(settings, addresses, &upstream.value)
            .or_else(|| public_name(settings, &upstream.value));
        if let Some(door) = door {
            let message = format!("the upstream is Locum itself: {door} answers there");
            let hint =
                "name the application's own address; nobody begins a session from inside another";
            problems.error_with(&upstream.place, message, hint);
        }
    }
}

/// The listener that this address reaches on this machine.
fn listener(
    settings: &Settings,
    addresses: &BTreeMap<SocketAddr, At<ApplicationId>>,
    upstream: &Url,
) -> Option<String> {
    let port = upstream.port_or_known_default()?;
    let doors = [
        ("[server]", &settings.server.listen),
        ("[gateway]", &settings.gateway.listen),
    ];
    let doors = doors.map(|(name, listen)| (name.to_owned(), listen));
    let lent = addresses.iter();
    let lent = lent.map(|(listen, at)| (format!("the `address` of `{}`", at.value), listen));
    let mut all = doors.into_iter().chain(lent);
    let found = all.find(|(_, listen)| listen.port() == port && reaches(upstream, listen.ip()));
    found.map(|(name, _)| name)
}

/// Whether a host of this name leads to a listener bound there.
fn reaches(upstream: &Url, bound: IpAddr) -> bool {
    let is_here = is_loopback(upstream);
    match upstream.host() {
        Some(Host::Ipv4(ip)) if IpAddr::V4(ip) == bound || ip.is_unspecified() => true,
        Some(Host::Ipv6(ip)) if IpAddr::V6(ip) == bound || ip.is_unspecified() => true,
        // A name of this machine is any of its addresses.
        Some(Host::Domain(name)) if is_loopback_name(name) => {
            bound.is_loopback() || bound.is_unspecified()
        }
        _ => is_here && bound.is_unspecified(),
    }
}

/// The address under which others know Locum, where this is it.
fn public_name(settings: &Settings, upstream: &Url) -> Option<String> {
    let (host, port) = (upstream.host_str()?, upstream.port_or_known_default()?);
    let authority = |text: &str| {
        let url = Url::parse(text).ok()?;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
    };
    let is_at = |text: &str| authority(text).is_some_and(|it| it == (host.to_owned(), port));
    if is_at(&settings.server.public_url) {
        return Some("`public_url`".to_owned());
    }
    let gateway = &settings.gateway;
    let (domain, gateway_port) = match gateway.public_url.as_deref().and_then(authority) {
        Some(public) => public,
        None => (gateway.domain.clone(), gateway.listen.port()),
    };
    let is_below = |domain: &str| {
        host == domain
            || host
                .strip_suffix(domain)
                .is_some_and(|label| label.ends_with('.'))
    };
    let is_gateways = port == gateway_port && (is_below(&domain) || is_below(&gateway.domain));
    is_gateways.then(|| "a host of [gateway]".to_owned())
}
