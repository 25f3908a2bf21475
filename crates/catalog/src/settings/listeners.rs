//! `[server]` and `[gateway]`: two doors that must not be one, and in development none to the outside.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::Host;

use super::{Environment, Gateway, Server};
use crate::address::{
    clash, is_label, is_loopback, is_loopback_name, listens_on_loopback, origin, origin_text,
};
use crate::problem::Problems;
use crate::read::Fields;
use crate::source::At;

/// Where `[server] listen` stands when nothing says so.
const SERVER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8470);
/// What `[server]` has.
pub(super) const SERVER_KEYS: [&str; 3] = ["listen", "public_url", "trusted_proxies"];
const GATEWAY: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8471);

pub(super) fn server(root: &Fields<'_>, environment: Option<Environment>) -> Option<Server> {
    let section = root.table_or_empty("server", "[server]", &SERVER_KEYS);
    let listen = listen(&section, SERVER, environment);
    let public_url = section.need::<String>("public_url");
    let url = public_url
        .as_ref()
        .and_then(|text| origin(text, "public_url", section.problems));
    if let (Some(url), Some(text)) = (&url, &public_url) {
        match environment {
            Some(Environment::Development) if !is_loopback(url) => section.problems.error_with(
                &text.place,
                "a development server has a name on this machine only",
                "write \"http://localhost:8470\", or set up `environment = \"production\"`",
            ),
            Some(Environment::Production) if url.scheme() != "https" && !is_loopback(url) => {
                section.problems.error_with(
                    &text.place,
                    "in production people reach Locum by https only",
                    "write \"https://…\" and let a proxy before it speak TLS",
                )
            }
            _ => {}
        }
    }
    let trusted_proxies = trusted_proxies(&section, environment);
    Some(Server {
        listen: listen?,
        public_url: origin_text(&url?),
        trusted_proxies,
    })
}

/// An address, or a network as `10.1.0.0/28`.
fn trusted_proxies(section: &Fields<'_>, environment: Option<Environment>) -> Vec<IpNet> {
    let problems = section.problems;
    let stated = section.list::<String>("trusted_proxies");
    if environment == Some(Environment::Development) && !stated.is_empty() {
        problems.error_with(
            section.place_of("trusted_proxies"),
            "a development server is not behind a proxy",
            "leave `trusted_proxies` out",
        );
    }
    let read = |text: At<String>| {
        let network = network(&text.value);
        if network.is_none() {
            let message = format!("`{}` is no address and no network", text.value);
            problems.error_with(&text.place, message, "as \"10.1.2.3\" or \"10.1.2.0/28\"");
        }
        let network = network?;
        if network.prefix_len() == 0 {
            problems.error_with(
                &text.place,
                "everybody could say who they are",
                "name the proxies' own addresses",
            );
        }
        Some(network)
    };
    stated.into_iter().filter_map(read).collect()
}

fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address)),
        Err(_) => text.parse().ok(),
    }
}

pub(super) fn gateway(
    root: &Fields<'_>,
    environment: Option<Environment>,
    server: Option<&Server>,
) -> Option<Gateway> {
    let section = root.table_or_empty("gateway", "[gateway]", &["listen", "domain", "public_url"]);
    let problems = section.problems;
    let listen = listen(&section, GATEWAY, environment);
    if let (Some(listen), Some(server)) = (listen, server)
        && clash(&listen, &server.listen)
    {
        let place = section.place_of("listen");
        problems.error_with(
            place,
            format!("{listen} is the server's own address"),
            "the gateway needs a port of its own",
        );
    }
    let stated = section.need::<String>("domain");
    let domain = stated
        .as_ref()
        .filter(|domain| is_domain(domain, server, environment, problems));
    let public = section.get::<String>("public_url");
    let url = public
        .as_ref()
        .and_then(|text| origin(text, "public_url", problems));
    if let (Some(url), Some(text), Some(domain)) = (&url, &public, domain)
        && url.host_str() != Some(domain.value.as_str())
    {
        let hint = format!("write \"{}://{}\"", url.scheme(), domain.value);
        problems.error_with(
            &text.place,
            "`public_url` of the gateway has another host than its `domain`",
            hint,
        );
    }
    if public.is_some() && url.is_none() {
        return None;
    }
    Some(Gateway {
        listen: listen?,
        domain: domain?.value.clone(),
        public_url: url.as_ref().map(origin_text),
    })
}

fn listen(
    section: &Fields<'_>,
    default: SocketAddr,
    environment: Option<Environment>,
) -> Option<SocketAddr> {
    if section.node("listen").is_none() {
        return Some(default);
    }
    let listen = section.get::<SocketAddr>("listen")?;
    if environment == Some(Environment::Development) && !listens_on_loopback(&listen.value) {
        section.problems.error_with(
            &listen.place,
            format!(
                "a development server listens on this machine only, not on {}",
                listen.value.ip()
            ),
            format!("write \"127.0.0.1:{}\"", listen.value.port()),
        );
    }
    Some(listen.value)
}

/// The applications' parent name: each is `{application}.{domain}`.
fn is_domain(
    domain: &At<String>,
    server: Option<&Server>,
    environment: Option<Environment>,
    problems: &Problems,
) -> bool {
    let name = domain.value.as_str();
    let is_name = name.len() <= 190
        && name.split('.').all(is_label)
        && !matches!(Host::parse(name), Ok(Host::Ipv4(_)));
    if !is_name {
        let message = format!("`{name}` is not a domain name");
        problems.error_with(
            &domain.place,
            message,
            "lower case, no scheme, no port: \"support.localhost\"",
        );
        return false;
    }
    let server_host = server
        .and_then(|server| url::Url::parse(&server.public_url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    if server_host.is_some_and(|host| host.ends_with(&format!(".{name}"))) {
        let message = "the console's own name would be an application's";
        problems.error_with(
            &domain.place,
            message,
            "give the gateway a domain that `[server] public_url` is not below",
        );
    }
    if environment == Some(Environment::Development) && !is_loopback_name(name) {
        let message = format!("browsers do not find `{name}` on this machine by themselves");
        problems.warning(
            &domain.place,
            message,
            "names under .localhost need no set-up",
        );
    }
    true
}
