//! Where a request comes from, as far as the listener knows.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use locum_login::SeenFrom;

/// The browser at the other end: its headers, and its address: that of the connection, or what a trusted proxy says.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) headers: HeaderMap,
    address: Option<IpAddr>,
}

impl Peer {
    /// What its owner recognises a login by.
    pub(crate) fn seen_from(&self) -> SeenFrom {
        SeenFrom::of(&self.headers, self.address)
    }

    /// What attempts are counted by. Without an address all are counted together.
    pub(crate) fn counted_as(&self) -> IpAddr {
        self.address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            headers: parts.headers.clone(),
            address: peer.map(|ConnectInfo(peer)| peer.ip()),
        })
    }
}
