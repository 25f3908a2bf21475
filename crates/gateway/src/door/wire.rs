//! One client connection as others see it: what it carries, and how to cut it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use arc_swap::ArcSwapOption;
use futures_util::task::AtomicWaker;
use locum_domain::access::Outcome;

use super::Malformed;
use crate::session::Exchange;

/// The handle of a connection. The connection's task polls everything there is of it, so one waker reaches
/// both directions, the request being answered and the body being streamed.
#[derive(Default)]
pub(crate) struct Wire {
    is_cut: AtomicBool,
    task: AtomicWaker,
    carried: ArcSwapOption<Exchange>,
    is_handed_over: AtomicBool,
    malformed: OnceLock<Malformed>,
    pub(crate) peer: Option<IpAddr>,
}

impl Wire {
    pub(crate) fn to(peer: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            peer: Some(peer),
            ..Self::default()
        })
    }

    /// Cuts it: no read or write begins after this, and the close is a reset.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
        self.task.wake();
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    /// The task to wake by [`Self::cut`]. Register, then look at [`Self::is_cut`].
    pub(crate) fn watch(&self, task: &Waker) {
        self.task.register(task);
    }

    /// This exchange is now on the connection.
    pub(crate) fn carry(&self, exchange: Arc<Exchange>) {
        self.is_handed_over.store(false, Ordering::Release);
        self.carried.store(Some(exchange));
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
