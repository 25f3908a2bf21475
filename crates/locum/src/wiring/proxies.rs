//! Whose request it is, when a proxy in front passes it on.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Puts the client's address in the place of the connection's, where a trusted proxy passed the request on. Without
/// trusted proxies nobody looks at the header.
pub(crate) async fn by_client(
    State(trusted): State<Arc<[IpNet]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(&ConnectInfo(peer)) = peer {
        let client = client(peer.ip(), request.headers(), &trusted);
        if client != peer.ip() {
            let client = SocketAddr::new(client, 0);
            request.extensions_mut().insert(ConnectInfo(client));
        }
    }
    next.run(request).await
}

/// The right-most hop that is no trusted proxy. What stands left of it is what the client says about itself. A hop
/// that is no address says nothing: the proxy that passed it on is the last that is known.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut known = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for hop in hops {
        if !is_trusted(known) {
            break;
        }
        let Some(address) = address(hop) else { break };
        known = address;
    }
    known
}

/// An address; some proxies add the port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let with_port = || hop.parse().map(|it: SocketAddr| it.ip());
    let address = hop.parse().or_else(|_| with_port()).ok()?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/28", "2001:db8:7::/64"]
            .map(|network| network.parse().unwrap())
            .into();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn r33_whoever_is_no_trusted_proxy_cannot_say_where_they_are() {
        for peer in ["192.0.2.1", "10.0.0.16", "127.0.0.1"] {
            assert_eq!(client_of(peer, &["198.51.100.7"]), peer);
        }
    }

    #[test]
    fn r33_behind_trusted_proxies_the_first_hop_from_the_right_that_is_none_counts() {
        for (lines, expected) in [
            (&[][..], "10.0.0.1"),
            (&["198.51.100.7"][..], "198.51.100.7"),
            // What the client says about itself.
            (&["203.0.113.9, 198.51.100.7"][..], "198.51.100.7"),
            (&["203.0.113.9", "198.51.100.7"][..], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7, 10.0.0.2"][..], "198.51.100.7"),
            (&["10.0.0.3, 10.0.0.2"][..], "10.0.0.3"),
            (&["198.51.100.7,2001:db8:7::2"][..], "198.51.100.7"),
            (&["198.51.100.7:4711"][..], "198.51.100.7"),
            (&["[2001:db8:1::5]:4711"][..], "2001:db8:1::5"),
            (&["::ffff:198.51.100.7"][..], "198.51.100.7"),
            // What is no address ends the search at who passed it on.
            (&["198.51.100.7, unknown"][..], "10.0.0.1"),
            (&["198.51.100.7, unknown, 10.0.0.2"][..], "10.0.0.2"),
            (&["198.51.100.7, "][..], "10.0.0.1"),
        ] {
            assert_eq!(client_of("10.0.0.1", lines), expected, "{lines:?}");
        }
        assert_eq!(
            client_of("::ffff:10.0.0.1", &["198.51.100.7"]),
            "198.51.100.7"
        );
    }
}
