//! The gateway from outside: what the commit stream tells it, and what the control plane asks of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use locum_domain::session::EndedBecause;
use locum_domain::{
    ApplicationId, Catalog, OperationId, PrincipalId, RecordId, Session, SessionId,
};

use crate::keys::AssertionKeys;
use crate::ports::Ports;
use crate::session::{
    Credentials, Due, EndNote, LiveSession, Stage, TICKET_LIFE_MS, Ticket, Tickets, Timetable,
};
use crate::settings::GatewaySettings;
use crate::site::{InstallError, Sites};

/// For how long after its end a session's cookie is told why it ended.
const TOMBSTONE_MS: u64 = 60 * 60 * 1000;

/// The data plane of one node. Cheap to clone; all clones are one gateway.
#[derive(Clone)]
pub struct Gateway(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: GatewaySettings,
    pub(crate) ports: Ports,
    pub(crate) keys: ArcSwap<AssertionKeys>,
    pub(crate) sites: ArcSwap<Sites>,
    pub(crate) sessions: papaya::HashMap<SessionId, Arc<LiveSession>>,
    pub(crate) credentials: Credentials,
    pub(crate) tickets: Tickets,
    pub(crate) timetable: Timetable,
    pub(crate) is_watched: AtomicBool,
    /// The first half of every record id, drawn once; the second half counts.
    node: [u8; 8],
    records: AtomicU64,
}

/// What a cut reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Requests that were under way.
    pub in_flight: usize,
}

/// By what login a ticket's holder got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// By a bearer token: the ticket opens at its first GET.
    Bearer,
    /// In the console: the browser must show that login once at `public_url`.
    Console,
}

/// Why there is no ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("the session is not live here")]
    NotLive,
    #[error("the session has no such application")]
    NoSuchApplication,
    #[error("no random bytes")]
    Random,
}

/// Why a console's pass was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    #[error("the ticket is spent, late or was never handed out")]
    Spent,
    #[error("the ticket is somebody else's")]
    SomebodyElse,
    #[error("no ticket could be made")]
    Ticket(#[from] TicketError),
}

/// One live session, for people who watch.
#[derive(Debug, Clone)]
pub struct LiveView {
    pub session: SessionId,
    pub in_flight: usize,
    pub admitted: u64,
    pub refused: u64,
    pub last_operation: Option<(ApplicationId, OperationId)>,
    pub last_used_at: Option<Timestamp>,
}

impl Gateway {
    /// A gateway without applications and sessions. `ports.random` gives it its record ids' first half.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn new(
        settings: GatewaySettings,
        ports: Ports,
        keys: AssertionKeys,
    ) -> Result<Self, ring::error::Unspecified> {
        let mut node = [0; 8];
        ports.random.fill(&mut node)?;
        Ok(Self(Arc::new(Inner {
            settings,
            ports,
            keys: ArcSwap::from_pointee(keys),
            sites: ArcSwap::default(),
            sessions: papaya::HashMap::new(),
            credentials: Credentials::default(),
            tickets: Tickets::default(),
            timetable: Timetable::default(),
            is_watched: AtomicBool::new(false),
            node,
            records: AtomicU64::new(0),
        })))
    }

    /// Signs with these keys from the next [`Gateway::install`] on, and believes only these access tokens at once.
    pub fn hold(&self, keys: AssertionKeys) {
        self.0.keys.store(Arc::new(keys));
        self.0.credentials.clear_tokens();
    }

    /// Whether [`Gateway::install`] would serve all of these with these keys. Nothing changes.
    ///
    /// # Errors
    /// Every application that could not be served.
    pub fn could_install(
        &self,
        catalog: &Catalog,
        secrets: &BTreeMap<ApplicationId, String>,
        keys: &AssertionKeys,
    ) -> Result<(), InstallError> {
        Sites::compile(catalog, secrets, &self.0.settings, keys).map(drop)
    }

    /// Serves these applications from now on, and judges live sessions by their routes. `secrets` are the
    /// values of the static headers that some applications demand.
    ///
    /// # Errors
    /// Every application that cannot be served; then nothing changes.
    pub fn install(
        &self,
        catalog: &Catalog,
        secrets: &BTreeMap<ApplicationId, String>,
    ) -> Result<(), InstallError> {
        let inner = &self.0;
        let sites = Sites::compile(catalog, secrets, &inner.settings, &inner.keys.load())?;
        inner.sites.store(Arc::new(sites));
        let sites = inner.sites.load();
        for session in inner.sessions.pin().values() {
            session.compile(&sites);
        }
        inner.credentials.clear_tokens();
        Ok(())
    }

    /// A session began, or is live after a restart. One that has ended already is remembered as ended.
    pub fn begin(&self, session: &Session) {
        let inner = &self.0;
        let (now, boot_ms) = inner.times();
        let live = Arc::new(LiveSession::begin(
            session,
            &inner.sites.load(),
            now,
            boot_ms,
        ));
        if inner
            .sessions
            .pin()
            .try_insert(session.id.clone(), live.clone())
            .is_err()
        {
            return;
        }
        let end_by_ms = live.end_by().boot_ms;
        let due = match live.ended() {
            None => (end_by_ms, Due::Expire(session.id.clone())),
            Some(_) => (
                end_by_ms.saturating_add(TOMBSTONE_MS),
                Due::Forget(session.id.clone()),
            ),
        };
        inner.timetable.add(due.0, due.1);
    }

    /// A session was lengthened.
    pub fn extend(&self, session: &SessionId, end_by: Timestamp) {
        let inner = &self.0;
        let Some(live) = inner.session(session) else {
            return;
        };
        let (now, boot_ms) = inner.times();
        live.extend(end_by, &inner.sites.load(), now, boot_ms);
        inner.credentials.clear_tokens();
        let end_by_ms = live.end_by().boot_ms;
        inner.timetable.add(end_by_ms, Due::Expire(session.clone()));
    }

    /// A session ended: whatever it has in flight is reset, and everything that opened it opens nothing.
    pub fn end(&self, session: &SessionId, because: EndedBecause, at: Timestamp) -> Cut {
        self.0.end(session, EndNote { because, at })
    }

    /// A one-time way into one application of a session, good for 60 seconds.
    ///
    /// # Errors
    /// When the session is not live here or has no such application.
    pub fn ticket(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        pass: Pass,
    ) -> Result<String, TicketError> {
        let live = self.0.session(session).ok_or(TicketError::NotLive)?;
        let stage = match pass {
            Pass::Bearer => Stage::Ready,
            Pass::Console => Stage::MustPass,
        };
        self.0.hand_out(&live, application, stage)
    }

    /// Confirms that the browser at `public_url` shows the login of the session's actor; answers the address
    /// where it may open the application. The caller has checked that login and read `token` from its path.
    ///
    /// # Errors
    /// When the ticket is spent or late, or belongs to somebody else; it is spent then.
    pub fn confirm_pass(&self, token: &str, by: &PrincipalId) -> Result<String, PassError> {
        let boot_ms = self.0.ports.clock.boot_ms();
        let ticket = self
            .0
            .tickets
            .take(token, boot_ms)
            .ok_or(PassError::Spent)?;
        let Stage::Passing { browser } = ticket.stage else {
            return Err(PassError::Spent);
        };
        if ticket.session.facts.actor != *by {
            return Err(PassError::SomebodyElse);
        }
        let stage = Stage::Passed { browser };
        Ok(self
            .0
            .hand_out(&ticket.session, &ticket.application, stage)?)
    }

    /// Sessions that nobody used for as long as their grants allow. Use is an admitted request that somebody at
    /// work asked for, at its begin and at its end; assets, what a browser fetches ahead and polling are none.
    pub fn idle_sessions(&self) -> Vec<SessionId> {
        let boot_ms = self.0.ports.clock.boot_ms();
        self.0
            .sessions
            .pin()
            .iter()
            .filter(|(_, session)| session.ended().is_none() && session.is_idle(boot_ms))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Every live session.
    pub fn live(&self) -> Vec<LiveView> {
        let (now, boot_ms) = self.0.times();
        let sessions = self.0.sessions.pin();
        let live = sessions
            .values()
            .filter(|session| session.ended().is_none());
        live.map(|session| {
            let last = session.last_operation();
            LiveView {
                session: session.facts.id.clone(),
                in_flight: session.in_flight(),
                admitted: session.admitted.load(Ordering::Relaxed),
                refused: session.refused.load(Ordering::Relaxed),
                last_used_at: last.as_ref().and_then(|(_, _, at_ms)| {
                    let ago = i64::try_from(boot_ms.saturating_sub(*at_ms)).ok()?;
                    now.checked_sub(jiff::SignedDuration::from_millis(ago)).ok()
                }),
                last_operation: last.map(|(application, operation, _)| (application, operation)),
            }
        })
        .collect()
    }
}

impl Inner {
    pub(crate) fn times(&self) -> (Timestamp, u64) {
        (self.ports.clock.now(), self.ports.clock.boot_ms())
    }

    pub(crate) fn session(&self, id: &SessionId) -> Option<Arc<LiveSession>> {
        self.sessions.pin().get(id).cloned()
    }

    /// The id of the next record: eight random bytes of this process, and a count.
    pub(crate) fn next_record(&self) -> (u64, RecordId) {
        let number = self.records.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 16];
        let (node, count) = bytes.split_at_mut(8);
        node.copy_from_slice(&self.node);
        count.copy_from_slice(&number.to_be_bytes());
        (number, RecordId::from_bytes(bytes))
    }

    /// Thirty-two random bytes as text that can stand in a cookie or a query.
    pub(crate) fn secret(&self) -> Result<String, TicketError> {
        let mut bytes = [0; 32];
        self.ports
            .random
            .fill(&mut bytes)
            .map_err(|_| TicketError::Random)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn hand_out(
        &self,
        session: &Arc<LiveSession>,
        application: &ApplicationId,
        stage: Stage,
    ) -> Result<String, TicketError> {
        if session.ended().is_some() {
            return Err(TicketError::NotLive);
        }
        let opened = session
            .application(application)
            .and_then(|application| application.opened())
            .ok_or(TicketError::NoSuchApplication)?;
        let token = self.secret()?;
        let boot_ms = self.ports.clock.boot_ms();
        let ticket = Ticket {
            session: session.clone(),
            application: application.clone(),
            expires_ms: boot_ms.saturating_add(TICKET_LIFE_MS),
            stage,
        };
        self.tickets.keep(&token, ticket, boot_ms);
        Ok(format!(
            "{}/.well-known/locum/open?ticket={token}",
            opened.site.origin
        ))
    }

    /// Ends a session here: first the mark, then whatever registered before it is cut; whatever registers
    /// after it sees the mark.
    pub(crate) fn end(&self, id: &SessionId, note: EndNote) -> Cut {
        let Some(session) = self.session(id) else {
            return Cut { in_flight: 0 };
        };
        if !session.end(note) {
            return Cut { in_flight: 0 };
        }
        let wires = session.wires();
        let under_way = wires.iter().filter_map(|wire| wire.carried_of(&session));
        let in_flight = under_way.filter(|exchange| exchange.cut()).count();
        for (_, application) in session.applications() {
            application.clear();
        }
        self.tickets.forget(id);
        let forget_ms = session.end_by().boot_ms.saturating_add(TOMBSTONE_MS);
        self.timetable.add(forget_ms, Due::Forget(id.clone()));
        Cut { in_flight }
    }

    /// Does what is due and says when something is due next.
    pub(crate) fn keep_time(&self) -> Option<u64> {
        let (now, boot_ms) = self.times();
        let (due, next_ms) = self.timetable.take(boot_ms);
        for it in due {
            match it {
                Due::Expire(id) => {
                    let Some(session) = self.session(&id) else {
                        continue;
                    };
                    // It was lengthened meanwhile: its later end is in the timetable too.
                    if session.ended().is_some() || boot_ms < session.end_by().boot_ms {
                        continue;
                    }
                    let note = EndNote {
                        because: EndedBecause::Expired,
                        at: now,
                    };
                    self.end(&id, note);
                    self.ports.end_orders.expired(&id);
                }
                Due::Forget(id) => {
                    if let Some(session) = self.session(&id) {
                        self.credentials.forget(&session);
                    }
                    self.sessions.pin().remove(&id);
                }
            }
        }
        next_ms
    }
}
