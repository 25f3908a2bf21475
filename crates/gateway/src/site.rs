//! One application as the gateway serves it: everything the catalog says, compiled once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use locum_domain::access::{RouteError, RouteTable};
use locum_domain::catalog::{Application, Person, RecordTiming};
use locum_domain::{ApplicationId, Catalog, PrincipalId};
use locum_token::SigningKey;

use crate::keys::AssertionKeys;
use crate::request::StripList;
use crate::settings::GatewaySettings;
use crate::upstream::{Upstream, UpstreamError};

/// Why an application of the catalog cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteProblem {
    #[error("a route does not parse")]
    Route(#[from] RouteError),
    #[error("the upstream cannot be reached this way")]
    Upstream(#[from] UpstreamError),
    #[error("`{0}` cannot be a host")]
    Host(String),
    #[error("`{0}` is no header name")]
    Header(String),
    #[error("the secret for header `{0}` is missing or cannot stand in a header")]
    Secret(String),
    #[error("there is no key of its own in the algorithm it asks for")]
    NoKey,
}

/// Every application that cannot be served, and why. Nothing was installed.
#[derive(Debug, thiserror::Error)]
#[error("{} application(s) cannot be served", .0.len())]
pub struct InstallError(pub Vec<(ApplicationId, SiteProblem)>);

/// One application, ready to serve.
pub(crate) struct Site {
    pub(crate) id: ApplicationId,
    pub(crate) name: String,
    /// Who can open it: the owner by name where there is one.
    pub(crate) owner: String,
    /// Ends in `/`.
    pub(crate) base_url: String,
    /// `base_url` without the slash.
    pub(crate) origin: String,
    /// Its own, with the port: what the application is told as `X-Forwarded-Host`.
    pub(crate) authority: HeaderValue,
    /// The name in `Host`, without a port.
    pub(crate) host: String,
    pub(crate) has_own_listener: bool,
    is_secure: bool,
    pub(crate) table: RouteTable,
    pub(crate) record: RecordTiming,
    pub(crate) strip: StripList,
    pub(crate) harmless_cookies: BTreeSet<String>,
    pub(crate) assertion_header: HeaderName,
    pub(crate) trusted_header: Option<HeaderName>,
    pub(crate) secret_header: Option<(HeaderName, HeaderValue)>,
    pub(crate) audience: String,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) upstream: Upstream,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("id", &self.id)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Site {
    /// Whether its cookies are for secure transport only. An own `address` is loopback, and cleartext.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The session cookie's name here.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_secure() {
            "__Host-locum"
        } else {
            "locum"
        }
    }
}

fn header(name: &str) -> Result<HeaderName, SiteProblem> {
    name.parse()
        .map_err(|_| SiteProblem::Header(name.to_owned()))
}

impl Site {
    fn compile(
        application: &Application,
        owner: Option<&Person>,
        secret: Option<&String>,
        settings: &GatewaySettings,
        keys: &AssertionKeys,
    ) -> Result<Self, SiteProblem> {
        let base_url = settings.base_url(application);
        let origin = base_url.trim_end_matches('/').to_owned();
        let authority = origin
            .split_once("://")
            .map_or(origin.as_str(), |(_, it)| it);
        let host = crate::request::host_name(authority).to_owned();
        let assertion_header = header(&application.identity.assertion_header)?;
        let trusted_header = application
            .identity
            .trusted_header
            .as_deref()
            .map(header)
            .transpose()?;
        let secret_header = match &application.secret_header {
            None => None,
            Some((name, reference)) => {
                let mut value = secret
                    .and_then(|secret| HeaderValue::from_str(secret).ok())
                    .ok_or_else(|| SiteProblem::Secret(reference.clone()))?;
                value.set_sensitive(true);
                Some((header(name)?, value))
            }
        };
        let mut stripped: Vec<&str> = application
            .strip_headers
            .iter()
            .map(String::as_str)
            .collect();
        stripped.push(assertion_header.as_str());
        stripped.extend(trusted_header.as_ref().map(HeaderName::as_str));
        stripped.extend(secret_header.as_ref().map(|(name, _)| name.as_str()));
        let strip = StripList::with(stripped);
        let key = keys.of(application).ok_or(SiteProblem::NoKey)?;
        Ok(Self {
            id: application.id.clone(),
            name: application.name.clone(),
            owner: owner.map_or_else(
                || application.owner.to_string(),
                |owner| format!("{} ({})", owner.name, owner.id),
            ),
            authority: HeaderValue::from_str(authority)
                .map_err(|_| SiteProblem::Host(authority.to_owned()))?,
            origin,
            host,
            base_url,
            has_own_listener: application.address.is_some(),
            is_secure: application.address.is_none() && !settings.is_cleartext_loopback,
            table: RouteTable::compile(application)?,
            record: application.record,
            strip,
            harmless_cookies: application.harmless_cookies.clone(),
            assertion_header,
            trusted_header,
            secret_header,
            audience: application.identity.audience.clone(),
            key: key.clone(),
            upstream: Upstream::to(&application.upstream, settings.limits)?,
        })
    }
}

/// Every application, by id and by host.
#[derive(Default)]
pub(crate) struct Sites {
    pub(crate) by_id: HashMap<ApplicationId, Arc<Site>>,
    by_host: HashMap<String, Arc<Site>>,
    /// What an agent may use in one session, by the agent's id.
    pub(crate) agent_budgets: HashMap<PrincipalId, u32>,
}

impl Sites {
    pub(crate) fn compile(
        catalog: &Catalog,
        secrets: &BTreeMap<ApplicationId, String>,
        settings: &GatewaySettings,
        keys: &AssertionKeys,
    ) -> Result<Self, InstallError> {
        let mut sites = Self::default();
        let mut problems = Vec::new();
        for (id, application) in &catalog.applications {
            let owner = catalog.people.get(&application.owner);
            match Site::compile(application, owner, secrets.get(id), settings, keys) {
                Ok(site) => {
                    let site = Arc::new(site);
                    if !site.has_own_listener {
                        sites
                            .by_host
                            .insert(site.host.to_ascii_lowercase(), site.clone());
                    }
                    sites.by_id.insert(id.clone(), site);
                }
                Err(problem) => problems.push((id.clone(), problem)),
            }
        }
        sites.agent_budgets = catalog
            .agents
            .iter()
            .filter_map(|(id, agent)| Some((id.clone(), agent.operations_per_session?)))
            .collect();
        if problems.is_empty() {
            Ok(sites)
        } else {
            Err(InstallError(problems))
        }
    }

    /// The application whose host this is; `host` has no port.
    pub(crate) fn at_host(&self, host: &str) -> Option<&Arc<Site>> {
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.by_host.get(&host.to_ascii_lowercase());
        }
        self.by_host.get(host)
    }
}
