//! The gateway as the data plane that the control room speaks to.

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_control::ports::{Cut, DataPlane, LiveView, Pass};
use locum_domain::session::EndedBecause;
use locum_domain::{ApplicationId, Catalog, Session, SessionId, Timestamp};
use locum_gateway::{AssertionKeys, Gateway, GatewaySettings, InstallError};

use super::keys::KeyRing;

/// Reads the static secret headers that applications demand of their proxy.
pub(crate) type ReadSecret = Box<dyn Fn(&str) -> Result<String, String> + Send + Sync>;

/// This process's gateway.
pub(crate) struct GatewayPlane {
    pub(crate) gateway: Gateway,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) settings: GatewaySettings,
    pub(crate) read_secret: ReadSecret,
    /// Where each application of the installed catalog answers.
    pub(crate) base_urls: arc_swap::ArcSwap<BTreeMap<ApplicationId, String>>,
}

impl GatewayPlane {
    /// The secrets and keys by which this catalog is served.
    fn credentials(
        &self,
        catalog: &Catalog,
    ) -> Result<(BTreeMap<ApplicationId, String>, AssertionKeys), String> {
        let mut secrets = BTreeMap::new();
        for (id, application) in &catalog.applications {
            if let Some((_, reference)) = &application.secret_header {
                secrets.insert(id.clone(), (self.read_secret)(reference)?);
            }
        }
        let keys = self.keys.of_gateway(catalog);
        Ok((secrets, keys.map_err(|error| error.to_string())?))
    }
}

impl DataPlane for GatewayPlane {
    fn could_install(&self, catalog: &Catalog) -> Result<(), String> {
        let (secrets, keys) = self.credentials(catalog)?;
        let outcome = self.gateway.could_install(catalog, &secrets, &keys);
        outcome.map_err(|error| in_words(&error))
    }

    fn install(&self, catalog: &Catalog) -> Result<(), String> {
        let (secrets, keys) = self.credentials(catalog)?;
        self.gateway.hold(keys);
        let outcome = self.gateway.install(catalog, &secrets);
        outcome.map_err(|error| in_words(&error))?;
        let urls = self
            .settings
            .base_urls(catalog)
            .map(|(id, url)| (id.clone(), url))
            .collect();
        self.base_urls.store(Arc::new(urls));
        Ok(())
    }

    fn begin(&self, session: &Session) {
        self.gateway.begin(session);
    }

    fn extend(&self, session: &SessionId, end_by: Timestamp) {
        self.gateway.extend(session, end_by);
    }

    fn end(&self, session: &SessionId, because: EndedBecause, at: Timestamp) -> Cut {
        Cut {
            in_flight: self.gateway.end(session, because, at).in_flight,
        }
    }

    fn ticket(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        pass: Pass,
    ) -> Result<String, String> {
        let pass = match pass {
            Pass::Bearer => locum_gateway::Pass::Bearer,
            Pass::Console => locum_gateway::Pass::Console,
        };
        self.gateway
            .ticket(session, application, pass)
            .map_err(|error| error.to_string())
    }

    fn base_url(&self, application: &ApplicationId) -> Option<String> {
        self.base_urls.load().get(application).cloned()
    }

    fn idle(&self) -> Vec<SessionId> {
        self.gateway.idle_sessions()
    }

    fn live(&self) -> Vec<LiveView> {
        let views = self.gateway.live().into_iter();
        views
            .map(|view| LiveView {
                session: view.session,
                in_flight: view.in_flight,
                last_operation: view.last_operation,
                refused: view.refused,
            })
            .collect()
    }
}

fn in_words(error: &InstallError) -> String {
    let problems = error
        .0
        .iter()
        .map(|(id, problem)| format!("`{id}`: {problem}"));
    problems.collect::<Vec<_>>().join("; ")
}
