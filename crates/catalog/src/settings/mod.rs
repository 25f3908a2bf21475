//! `locum.toml`: what this server is, where it listens, and which outside systems it asks.

mod approvals;
mod connector;
mod governed;
mod ledger;
mod listeners;
mod login;
mod read;
mod secrets;
mod witnesses;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use locum_domain::PrincipalId;
use serde::{Deserialize, Serialize};

pub use approvals::{OverdueReviews, WITHOUT_SIGNATURES};
pub(crate) use connector::Pointer;
pub use connector::{
    CaseMap, Common, Connector, GenericSettings, IdPattern, Live, RoundupFields, RoundupSettings,
    Webhook, WebhookSignature,
};
pub use governed::{Governed, GovernedConnector, GovernedLogin, GovernedOidc};
pub use login::Oidc;
pub(crate) use login::settle_founders;
pub(crate) use read::{Partial, read};
pub use witnesses::{WhenUnwitnessed, Witnesses};

use crate::secret::SecretRef;

/// Whether people's access depends on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    Production,
    /// Loopback only, development sign-in, said on every page.
    Development,
}

impl Environment {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// Everything `locum.toml` says, with defaults filled in and paths made relative to where it stands.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of `locum.toml`.
    pub folder: PathBuf,
    pub environment: Environment,
    pub server: Server,
    pub gateway: Gateway,
    pub store: Store,
    pub catalog_directory: PathBuf,
    pub policies: Policies,
    pub ledger: Ledger,
    pub login: Login,
    pub approvals_signature: SignatureRule,
    pub overdue_reviews: OverdueReviews,
    pub budgets: Budgets,
    pub connectors: BTreeMap<String, Connector>,
}

/// The control plane's listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub listen: SocketAddr,
    /// What browsers and applications call it, without a final slash.
    pub public_url: String,
    /// From where `X-Forwarded-For` is believed: the proxies' own addresses.
    pub trusted_proxies: Vec<IpNet>,
}

/// The data plane's listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    pub listen: SocketAddr,
    /// Each application answers at `{application}.{domain}`.
    pub domain: String,
    /// How browsers reach the gateway when something stands before it: scheme and port count.
    pub public_url: Option<String>,
}

impl Gateway {
    /// Where an application is reached, with a final slash. `port` is the one really bound.
    pub fn base_url(&self, application: &str, port: u16) -> String {
        match self
            .public_url
            .as_deref()
            .and_then(|url| url.split_once("://"))
        {
            Some((scheme, authority)) => format!("{scheme}://{application}.{authority}/"),
            None => format!("http://{application}.{}:{port}/", self.domain),
        }
    }
}

/// Where state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    Sqlite { path: PathBuf },
}

/// The operator's own policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    pub directory: PathBuf,
    /// What `local_hour` means: an IANA time zone name that is known to exist.
    pub time_zone: String,
}

/// The record's name and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The checkpoint's origin line (C2SP tlog-checkpoint), and the note name of the key.
    pub origin: String,
    pub key: SecretRef,
    /// Who cosigns its checkpoints; nobody but the operator vouches for it without.
    pub witnesses: Option<Witnesses>,
}

/// How people prove who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The file of bearer tokens, in development only.
    pub development_tokens: Option<SecretRef>,
    /// WebAuthn's relying party id.
    pub rp_id: String,
    /// Nobody, or the two people who enrol the first authenticators.
    pub founders: Vec<PrincipalId>,
    /// The identity provider, if people sign in with one.
    pub oidc: Option<Oidc>,
}

/// Whether an approval needs the approver's own signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureRule {
    Required,
    Optional,
}

/// How much one person may have under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    pub open_requests: u32,
    pub live_sessions: u32,
    pub subjects_per_day: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            open_requests: 5,
            live_sessions: 2,
            subjects_per_day: 25,
        }
    }
}
