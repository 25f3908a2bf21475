//! One live session and its applications.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use locum_domain::access::{LiveScope, Used};
use locum_domain::session::EndedBecause;
use locum_domain::{
    ApplicationId, CaseRef, EventId, GrantId, OperationId, PrincipalId, Session, SessionId,
};

use super::{CredentialDigest, CurrentAssertion, Jar, Recent};
use crate::door::Wire;
use crate::site::{Site, Sites};

/// What does not change while a session lives.
#[derive(Debug)]
pub(crate) struct SessionFacts {
    pub(crate) id: SessionId,
    pub(crate) event: EventId,
    pub(crate) grant: GrantId,
    pub(crate) actor: PrincipalId,
    pub(crate) actor_profile: String,
    pub(crate) case: CaseRef,
    pub(crate) break_glass: bool,
    pub(crate) activation: u64,
    idle_within_ms: u64,
}

/// Why and when a session ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndNote {
    pub(crate) because: EndedBecause,
    pub(crate) at: Timestamp,
}

/// When a session ends by itself, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndBy {
    pub(crate) at: Timestamp,
    pub(crate) boot_ms: u64,
}

/// A session and everything that dies with it.
pub(crate) struct LiveSession {
    pub(crate) facts: SessionFacts,
    end_by: ArcSwap<EndBy>,
    ended: OnceLock<EndNote>,
    /// A handful, so that looking through them is looking one up.
    applications: Box<[(ApplicationId, LiveApplication)]>,
    in_flight: AtomicUsize,
    /// The connections it was used over last, by number. A connection enters once, not with each request.
    wires: Mutex<HashMap<u64, Weak<Wire>>>,
    last_use_ms: AtomicU64,
    pub(crate) recent: Recent,
    pub(crate) admitted: AtomicU64,
    pub(crate) refused: AtomicU64,
    refused_after_end: AtomicU32,
    uses: AtomicU32,
    /// What opened it, to be forgotten with it. Not on the path of a request.
    cookies: Mutex<Vec<CredentialDigest>>,
    most_uses: Option<u32>,
}

/// One application of a session.
pub(crate) struct LiveApplication {
    /// The subject's id there.
    pub(crate) subject: String,
    pub(crate) operations: Box<[OperationId]>,
    /// The closed ones among them that an exception opens.
    unlocked: Box<[OperationId]>,
    opened: ArcSwapOption<Opened>,
    pub(crate) jar: Jar,
    pub(crate) assertion: ArcSwapOption<CurrentAssertion>,
    /// Boot milliseconds of the last admitted request, and its operation's index.
    last_use_ms: AtomicU64,
    last_operation: AtomicU32,
}

/// An application and what this session may do in it, compiled against one and the same table.
pub(crate) struct Opened {
    pub(crate) site: Arc<Site>,
    pub(crate) scope: LiveScope,
    used: Arc<[AtomicU32]>,
}

impl Opened {
    fn of(
        site: &Arc<Site>,
        operations: &[OperationId],
        unlocked: &[OperationId],
        end_by_ms: u64,
        before: Option<&Opened>,
    ) -> Self {
        let count = |id: &OperationId| before.map_or(0, |before| before.count(id));
        let used = site
            .table
            .operations()
            .iter()
            .map(|operation| AtomicU32::new(count(&operation.id)));
        Self {
            scope: LiveScope {
                operations: site.table.scope(operations),
                opened: site.table.scope(unlocked),
                has_ended: false,
                end_by_ms,
            },
            used: used.collect(),
            site: site.clone(),
        }
    }

    /// The same application with only those operations that are in `narrower` too.
    pub(crate) fn narrowed(&self, operations: &[OperationId]) -> Self {
        Self {
            site: self.site.clone(),
            scope: LiveScope {
                operations: self.site.table.scope(operations),
                ..self.scope.clone()
            },
            used: self.used.clone(),
        }
    }

    fn count(&self, id: &OperationId) -> u32 {
        let operations = self.site.table.operations().iter();
        operations
            .zip(self.used.iter())
            .find(|(operation, _)| operation.id == *id)
            .map_or(0, |(_, used)| used.load(Ordering::Relaxed))
    }

    /// Takes one use of an operation; `false` when it was used as often as allowed. Between the check of
    /// `admit` and this, another request of the session may have taken the last one.
    pub(crate) fn take(&self, index: usize) -> bool {
        let most = self.site.table.operations().get(index);
        let (Some(used), Some(operation)) = (self.used.get(index), most) else {
            return false;
        };
        let Some(most) = operation.max_per_session else {
            return true;
        };
        used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            (used < most).then_some(used + 1)
        })
        .is_ok()
    }
}

impl Used for Opened {
    fn used(&self, operation: usize) -> u32 {
        self.used
            .get(operation)
            .map_or(0, |used| used.load(Ordering::Relaxed))
    }
}

impl LiveSession {
    /// A session as the commit stream tells of it.
    pub(crate) fn begin(session: &Session, sites: &Sites, now: Timestamp, boot_ms: u64) -> Self {
        let end_by = EndBy::of(session.end_by, now, boot_ms);
        let applications = session.applications.iter().map(|(id, application)| {
            let live = LiveApplication {
                subject: application.subject.clone(),
                operations: application.operations.iter().cloned().collect(),
                unlocked: application.opened.iter().cloned().collect(),
                opened: ArcSwapOption::empty(),
                jar: Jar::default(),
                assertion: ArcSwapOption::empty(),
                last_use_ms: AtomicU64::new(0),
                last_operation: AtomicU32::new(0),
            };
            (id.clone(), live)
        });
        let live = Self {
            facts: SessionFacts {
                id: session.id.clone(),
                event: session.event.clone(),
                grant: session.grant.clone(),
                actor: session.actor.clone(),
                actor_profile: session.actor_profile.clone(),
                case: session.case.clone(),
                break_glass: session.break_glass,
                activation: session.activation,
                idle_within_ms: u64::try_from(session.idle_within.duration().as_millis())
                    .unwrap_or(0),
            },
            end_by: ArcSwap::from_pointee(end_by),
            ended: OnceLock::new(),
            applications: applications.collect(),
            in_flight: AtomicUsize::new(0),
            wires: Mutex::default(),
            last_use_ms: AtomicU64::new(boot_ms),
            recent: Recent::default(),
            admitted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refused_after_end: AtomicU32::new(0),
            uses: AtomicU32::new(0),
            cookies: Mutex::default(),
            most_uses: sites.agent_budgets.get(&session.actor).copied(),
        };
        if let Some(ended) = &session.ended {
            live.end(EndNote {
                because: ended.because,
                at: ended.at,
            });
        }
        live.compile(sites);
        live
    }

    /// Compiles every application against these tables; uses so far are kept.
    pub(crate) fn compile(&self, sites: &Sites) {
        let end_by_ms = self.end_by.load().boot_ms;
        for (id, application) in self.applications() {
            let before = application.opened.load();
            let opened = sites.by_id.get(id).map(|site| {
                Arc::new(Opened::of(
                    site,
                    &application.operations,
                    &application.unlocked,
                    end_by_ms,
                    before.as_deref(),
                ))
            });
            application.opened.store(opened);
        }
    }

    /// Moves the end.
    pub(crate) fn extend(&self, end_by: Timestamp, sites: &Sites, now: Timestamp, boot_ms: u64) {
        self.end_by.store(Arc::new(EndBy::of(end_by, now, boot_ms)));
        self.compile(sites);
    }

    /// When it ends by itself.
    pub(crate) fn end_by(&self) -> EndBy {
        **self.end_by.load()
    }

    /// Why and when it ended.
    pub(crate) fn ended(&self) -> Option<EndNote> {
        self.ended.get().copied()
    }

    /// Marks the end; the first one counts. Whoever registers an exchange looks here afterwards, so that
    /// none is missed.
    pub(crate) fn end(&self, note: EndNote) -> bool {
        let is_first = self.ended.set(note).is_ok();
        // Pairs with the fence in `Exchange::begin`: of mark and registration, one side sees the other's.
        fence(Ordering::SeqCst);
        is_first
    }

    /// It is used over this connection from now on.
    pub(crate) fn enter(&self, wire: &Arc<Wire>) {
        self.lock_wires()
            .insert(wire.number(), Arc::downgrade(wire));
    }

    /// The connection is gone, or another session's.
    pub(crate) fn leave(&self, wire: &Wire) {
        self.lock_wires().remove(&wire.number());
    }

    /// Its connections.
    pub(crate) fn wires(&self) -> Vec<Arc<Wire>> {
        self.lock_wires()
            .values()
            .filter_map(Weak::upgrade)
            .collect()
    }

    fn lock_wires(&self) -> MutexGuard<'_, HashMap<u64, Weak<Wire>>> {
        self.wires.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_begun(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_over(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Requests under way.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// A cookie opens it.
    pub(crate) fn remember_cookie(&self, digest: CredentialDigest) {
        self.cookies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(digest);
    }

    /// Every cookie that ever opened it.
    pub(crate) fn cookies(&self) -> Vec<CredentialDigest> {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *cookies)
    }

    /// Its applications, by id.
    pub(crate) fn applications(&self) -> impl Iterator<Item = (&ApplicationId, &LiveApplication)> {
        self.applications.iter().map(|(id, it)| (id, it))
    }

    /// One of its applications as it is open now.
    pub(crate) fn application(&self, id: &ApplicationId) -> Option<&LiveApplication> {
        self.applications()
            .find(|(it, _)| *it == id)
            .map(|(_, application)| application)
    }

    /// Counts a use of an operation that is no asset; `false` when an agent's budget is spent.
    pub(crate) fn take_use(&self) -> bool {
        match self.most_uses {
            None => true,
            Some(most) => self
                .uses
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |uses| {
                    (uses < most).then_some(uses + 1)
                })
                .is_ok(),
        }
    }

    pub(crate) fn count_admitted(&self) {
        self.admitted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a refusal after the end; answers how many there were, this one included.
    pub(crate) fn count_refused_after_end(&self) -> u32 {
        self.refused_after_end
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    /// Somebody used it just now.
    pub(crate) fn touch(&self, boot_ms: u64) {
        self.last_use_ms.fetch_max(boot_ms, Ordering::Relaxed);
    }

    /// Whether nobody used it for as long as its grant allows.
    pub(crate) fn is_idle(&self, boot_ms: u64) -> bool {
        let last = self.last_use_ms.load(Ordering::Relaxed);
        boot_ms.saturating_sub(last) >= self.facts.idle_within_ms
    }

    /// The application used last, with its operation, and boot milliseconds of that use.
    pub(crate) fn last_operation(&self) -> Option<(ApplicationId, OperationId, u64)> {
        let (id, application) = self
            .applications()
            .max_by_key(|(_, it)| it.last_use_ms.load(Ordering::Relaxed))?;
        let at = application.last_use_ms.load(Ordering::Relaxed);
        let opened = application.opened()?;
        let index = application.last_operation.load(Ordering::Relaxed);
        let operation = opened
            .site
            .table
            .operations()
            .get(usize::try_from(index).ok()?)?;
        (at > 0).then(|| (id.clone(), operation.id.clone(), at))
    }
}

impl LiveApplication {
    /// The application as compiled now; `None` when the catalog has it no more.
    pub(crate) fn opened(&self) -> Option<Arc<Opened>> {
        self.opened.load_full()
    }

    /// Remembers what was used last.
    pub(crate) fn used(&self, operation: usize, boot_ms: u64) {
        let index = u32::try_from(operation).unwrap_or(u32::MAX);
        self.last_operation.store(index, Ordering::Relaxed);
        self.last_use_ms.store(boot_ms, Ordering::Relaxed);
    }

    /// Forgets cookies and assertion.
    pub(crate) fn clear(&self) {
        self.jar.clear();
        self.assertion.store(None);
    }

    /// `read` when nothing but reading was granted, else `write`.
    pub(crate) fn mode(&self, site: &Site) -> &'static str {
        use locum_domain::catalog::Effect;
        let writes = site.table.operations().iter().any(|operation| {
            self.operations.contains(&operation.id)
                && !matches!(operation.effect, Effect::Asset | Effect::Read)
        });
        if writes { "write" } else { "read" }
    }
}

impl EndBy {
    fn of(at: Timestamp, now: Timestamp, boot_ms: u64) -> Self {
        let left = at.as_millisecond().saturating_sub(now.as_millisecond());
        Self {
            at,
            boot_ms: boot_ms.saturating_add(u64::try_from(left).unwrap_or(0)),
        }
    }
}
