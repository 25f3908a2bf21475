//! The enforcement points, as the use cases see them.

use locum_domain::session::EndedBecause;
use locum_domain::{ApplicationId, Catalog, OperationId, Session, SessionId, Timestamp};

/// How a one-time ticket is redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Straight at the application's host: activated by a program that holds a bearer token.
    Bearer,
    /// Through the console's address first, which checks the login.
    Console,
}

/// What ending a session cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cut {
    pub in_flight: usize,
}

/// A live session as the enforcement point sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveView {
    pub session: SessionId,
    pub in_flight: usize,
    pub last_operation: Option<(ApplicationId, OperationId)>,
    pub refused: u64,
}

/// Sessions in the enforcement points' memory. Called from the commit stream, before the commit is answered,
/// so that whoever is told "ended" can rely on it. Its holder could keep a dead session alive until its end
/// time, which the enforcement point keeps by itself.
pub trait DataPlane: Send + Sync {
    /// The catalog in force changed: compile its routes.
    ///
    /// # Errors
    /// When an application cannot be served as the catalog says.
    fn install(&self, catalog: &Catalog) -> Result<(), String>;
    /// Whether [`DataPlane::install`] would take this catalog. What is served stays as it is.
    ///
    /// # Errors
    /// As for [`DataPlane::install`].
    fn could_install(&self, catalog: &Catalog) -> Result<(), String>;
    /// A session began.
    fn begin(&self, session: &Session);
    /// A session was lengthened.
    fn extend(&self, session: &SessionId, end_by: Timestamp);
    /// A session ended: cut what is in flight, forget cookies, tickets and tokens.
    fn end(&self, session: &SessionId, because: EndedBecause, at: Timestamp) -> Cut;
    /// A one-time way into one application of a live session.
    ///
    /// # Errors
    /// When the session is not live here or does not have the application.
    fn ticket(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        pass: Pass,
    ) -> Result<String, String>;
    /// Where an application answers: `http(s)://…/`.
    fn base_url(&self, application: &ApplicationId) -> Option<String>;
    /// Sessions that nobody used for their idle time.
    fn idle(&self) -> Vec<SessionId>;
    /// The live sessions here.
    fn live(&self) -> Vec<LiveView>;
}
