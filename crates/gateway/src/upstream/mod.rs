//! The way to an application: where it is, connections kept for it, and sending with one honest retry.

mod address;
mod pool;
mod send;

pub(crate) use address::UpstreamError as Error;
pub use address::UpstreamError;
pub(crate) use pool::Held;
pub(crate) use send::{SendError, Sent};

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use crate::settings::Limits;
use address::Address;
use pool::Pool;

/// One application's upstream.
pub(crate) struct Upstream {
    /// Where it is, as the catalog writes it: what the record calls it.
    pub(crate) name: Arc<str>,
    address: Address,
    /// What the application expects in `Host`.
    pub(crate) authority: HeaderValue,
    /// Its own origin, as its redirects may name it.
    pub(crate) origin: String,
    /// The origin its cookies are kept for. Always `https`: the application is told that its browser is on
    /// TLS or loopback, so its `Secure` cookies must come back.
    jar_origin: Url,
    pool: Pool,
    connect_timeout: Duration,
    answer_timeout: Duration,
}

impl Upstream {
    pub(crate) fn to(upstream: &str, limits: Limits) -> Result<Self, Error> {
        let (address, authority) = Address::parse(upstream)?;
        let jar_origin = Url::parse(&format!("https://{authority}/"))
            .map_err(|_| Error::Malformed(upstream.to_owned()))?;
        Ok(Self {
            name: upstream.into(),
            address,
            origin: format!("http://{authority}"),
            authority: HeaderValue::from_str(&authority)
                .map_err(|_| Error::Malformed(upstream.to_owned()))?,
            jar_origin,
            pool: Pool::of(limits.idle_upstreams),
            connect_timeout: limits.connect_timeout,
            answer_timeout: limits.answer_timeout,
        })
    }

    /// The address under which the jar knows a path.
    pub(crate) fn jar_url(&self, path: &str) -> Url {
        let mut url = self.jar_origin.clone();
        url.set_path(path);
        url
    }

    /// Keeps a connection whose exchange is complete on both sides.
    pub(crate) fn give_back(&self, held: Held) {
        self.pool.put(held);
    }
}
