//! What the operator decided about the gateway as a whole.

use std::time::Duration;

use locum_domain::{Catalog, catalog::Application};

/// Settings of one gateway.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// The domain under which every application has its host: `gw.localhost`.
    pub domain: String,
    /// Whether the hosts are reached over TLS.
    pub is_https: bool,
    /// The port as clients see it; `None` is the scheme's own.
    pub port: Option<u16>,
    /// Who signs: the `iss` of every assertion and access token.
    pub issuer: String,
    /// Where the console is, without a slash at the end.
    pub public_url: String,
    /// Cleartext on loopback: the session cookie is `locum` without `Secure` instead of `__Host-locum`, as it
    /// always is at an application's own `address`.
    pub is_cleartext_loopback: bool,
    /// Said in every banner.
    pub is_development: bool,
    pub limits: Limits,
}

/// What one client may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Request line and headers together; more is 431.
    pub head_bytes: usize,
    /// From the moment a request is awaited until its head is complete; idle connections close after it too.
    pub head_timeout: Duration,
    /// Until the application has accepted a connection.
    pub connect_timeout: Duration,
    /// Until the application has begun its answer.
    pub answer_timeout: Duration,
    /// Connections of one listener at a time; more wait in the kernel.
    pub connections: usize,
    /// Connections to one application that are kept for the next request.
    pub idle_upstreams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * 1024,
            head_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(120),
            connections: 10_000,
            idle_upstreams: 64,
        }
    }
}

impl GatewaySettings {
    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }

    /// Where clients reach an application: its own loopback `address`, or its host under the domain. Ends in `/`.
    pub fn base_url(&self, application: &Application) -> String {
        match &application.address {
            Some(address) => format!("http://{address}/"),
            None => {
                let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
                format!(
                    "{}://{}.{}{port}/",
                    self.scheme(),
                    application.id,
                    self.domain
                )
            }
        }
    }

    /// The `base_url` of every application of a catalog.
    pub fn base_urls<'c>(
        &'c self,
        catalog: &'c Catalog,
    ) -> impl Iterator<Item = (&'c locum_domain::ApplicationId, String)> {
        catalog
            .applications
            .iter()
            .map(|(id, application)| (id, self.base_url(application)))
    }
}
