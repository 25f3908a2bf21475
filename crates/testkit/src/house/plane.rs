//! An enforcement point that remembers what it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use locum_control::ports::{Cut, DataPlane, LiveView, Pass};
use locum_domain::session::EndedBecause;
use locum_domain::{ApplicationId, Catalog, Session, SessionId, Timestamp};

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaneCall {
    Begin(Box<Session>),
    Extend(SessionId, Timestamp),
    End(SessionId, EndedBecause, Timestamp),
}

/// Sessions in memory, and the calls that made them so.
#[derive(Debug, Default)]
pub struct FakeDataPlane(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    calls: Vec<PlaneCall>,
    live: BTreeMap<SessionId, Session>,
    idle: BTreeSet<SessionId>,
    applications: BTreeSet<ApplicationId>,
    keeps: bool,
    tickets: u64,
}

impl FakeDataPlane {
    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it was told so far.
    pub fn calls(&self) -> Vec<PlaneCall> {
        self.memory().calls.clone()
    }

    /// Why each session was ended here, in order.
    pub fn ends(&self) -> Vec<(SessionId, EndedBecause)> {
        let ends = |call: PlaneCall| match call {
            PlaneCall::End(session, because, _) => Some((session, because)),
            _ => None,
        };
        self.calls().into_iter().filter_map(ends).collect()
    }

    /// Whether this session is live here.
    pub fn holds(&self, session: &SessionId) -> bool {
        self.memory().live.contains_key(session)
    }

    /// Nobody used this session for its idle time.
    pub fn make_idle(&self, session: &SessionId) {
        self.memory().idle.insert(session.clone());
    }

    /// From now on ended sessions stay in memory, as in an enforcement point that cannot be reached.
    pub fn keep_ended(&self, keeps: bool) {
        let mut memory = self.memory();
        memory.keeps = keeps;
        if !keeps {
            let ended: BTreeSet<SessionId> = memory
                .calls
                .iter()
                .filter_map(|call| match call {
                    PlaneCall::End(session, ..) => Some(session.clone()),
                    _ => None,
                })
                .collect();
            memory.live.retain(|session, _| !ended.contains(session));
        }
    }

    pub(super) fn keeps_ended(&self) -> bool {
        self.memory().keeps
    }
}

impl DataPlane for FakeDataPlane {
    fn could_install(&self, _: &Catalog) -> Result<(), String> {
        Ok(())
    }

    fn install(&self, catalog: &Catalog) -> Result<(), String> {
        self.memory().applications = catalog.applications.keys().cloned().collect();
        Ok(())
    }

    fn begin(&self, session: &Session) {
        let mut memory = self.memory();
        memory
            .calls
            .push(PlaneCall::Begin(Box::new(session.clone())));
        memory.live.insert(session.id.clone(), session.clone());
    }

    fn extend(&self, session: &SessionId, end_by: Timestamp) {
        let mut memory = self.memory();
        memory
            .calls
            .push(PlaneCall::Extend(session.clone(), end_by));
        if let Some(live) = memory.live.get_mut(session) {
            live.end_by = end_by;
        }
    }

    fn end(&self, session: &SessionId, because: EndedBecause, at: Timestamp) -> Cut {
        let mut memory = self.memory();
        memory
            .calls
            .push(PlaneCall::End(session.clone(), because, at));
        if !memory.keeps {
            memory.live.remove(session);
        }
        memory.idle.remove(session);
        Cut::default()
    }

    fn ticket(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        pass: Pass,
    ) -> Result<String, String> {
        let mut memory = self.memory();
        let live = memory.live.get(session);
        if !live.is_some_and(|live| live.applications.contains_key(application)) {
            return Err(format!("`{session}` is not live here in `{application}`"));
        }
        memory.tickets += 1;
        let number = memory.tickets;
        Ok(match pass {
            Pass::Bearer => {
                format!(
                    "http://{application}.support.localhost:8471/.well-known/locum/open/{number}"
                )
            }
            Pass::Console => format!("http://localhost:8470/open/{number}"),
        })
    }

    fn base_url(&self, application: &ApplicationId) -> Option<String> {
        self.memory()
            .applications
            .contains(application)
            .then(|| format!("http://{application}.support.localhost:8471/"))
    }

    fn idle(&self) -> Vec<SessionId> {
        self.memory().idle.iter().cloned().collect()
    }

    fn live(&self) -> Vec<LiveView> {
        let view = |session: &SessionId| LiveView {
            session: session.clone(),
            in_flight: 0,
            last_operation: None,
            refused: 0,
        };
        self.memory().live.keys().map(view).collect()
    }
}
