//! One client connection as others see it: what it carries, and how to cut it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use arc_swap::ArcSwapOption;
use futures_util::task::AtomicWaker;
use locum_domain::access::Outcome;

use super::Malformed;
use crate::session::{Exchange, LiveSession};

/// The handle of a connection. The connection's task polls everything there is of it, so one waker reaches
/// both directions, the request being answered and the body being streamed.
#[derive(Default)]
pub(crate) struct Wire {
    is_cut: AtomicBool,
    task: AtomicWaker,
    number: u64,
    carried: ArcSwapOption<Exchange>,
    /// The session that was used over it last, and knows it.
    home: ArcSwapOption<LiveSession>,
    is_handed_over: AtomicBool,
    malformed: OnceLock<Malformed>,
    pub(crate) peer: Option<IpAddr>,
}

/// Tells connections apart.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

impl Wire {
    /// Which connection of this process it is.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn to(peer: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            number: CONNECTIONS.fetch_add(1, Ordering::Relaxed),
            peer: Some(peer),
            ..Self::default()
        })
    }

    /// Cuts it: no read or write begins after this, and the close is a reset.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Cuts it because the gateway stops; what is on it was cut too, and no client went away.
    pub(crate) fn break_off(&self) {
        if let Some(exchange) = self.carried.load_full() {
            exchange.cut();
        }
        self.cut();
    }

    /// Whether a request is under way on it.
    pub(crate) fn carries(&self) -> bool {
        self.carried.load().is_some()
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    /// The task to wake by [`Self::cut`]. Register, then look at [`Self::is_cut`].
    pub(crate) fn watch(&self, task: &Waker) {
        self.task.register(task);
    }

    /// This exchange is now on the connection, and its session knows.
    pub(crate) fn carry(self: &Arc<Self>, exchange: &Arc<Exchange>) {
        self.is_handed_over.store(false, Ordering::Release);
        self.carried.store(Some(exchange.clone()));
        let home = self.home.load();
        if !home
            .as_ref()
            .is_some_and(|home| Arc::ptr_eq(home, &exchange.session))
        {
            self.leave_home();
            exchange.session.enter(self);
            self.home.store(Some(exchange.session.clone()));
        }
    }

    /// What is on it of this session.
    pub(crate) fn carried_of(&self, session: &LiveSession) -> Option<Arc<Exchange>> {
        self.carried
            .load_full()
            .filter(|carried| std::ptr::eq(carried.session.as_ref(), session))
    }

    fn leave_home(&self) {
        if let Some(home) = self.home.swap(None) {
            home.leave(self);
        }
    }

    /// The HTTP layer has the last of the answer; when it has flushed, the exchange is over.
    pub(crate) fn answer_handed_over(&self) {
        self.is_handed_over.store(true, Ordering::Release);
    }

    /// Everything written so far is with the kernel.
    pub(crate) fn flushed(&self) {
        if self.is_handed_over.load(Ordering::Acquire) {
            self.is_handed_over.store(false, Ordering::Release);
            self.finish(Outcome::Answered);
        }
    }

    /// The connection is gone.
    pub(crate) fn gone(&self) {
        self.finish(Outcome::Abandoned);
        self.leave_home();
    }

    fn finish(&self, outcome: Outcome) {
        if let Some(exchange) = self.carried.swap(None) {
            exchange.close(outcome);
        }
    }

    /// An exchange that was closed elsewhere is no longer on it.
    pub(crate) fn let_go(&self, number: u64) {
        let carried = self.carried.load();
        if carried
            .as_ref()
            .is_some_and(|carried| carried.number() == number)
        {
            self.carried.store(None);
        }
    }

    /// What was wrong with the bytes that came.
    pub(crate) fn malformed(&self) -> Option<Malformed> {
        self.malformed.get().copied()
    }

    pub(crate) fn found_malformed(&self, malformed: Malformed) {
        let _ = self.malformed.set(malformed);
    }
}
