//! One admitted request from its permit to its last byte, and the record of how it went.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering, fence};

use bytes::Bytes;
use locum_domain::access::{Completed, Outcome};
use locum_domain::aggregate::Stream;
use locum_domain::{Event, Happened, RecordId};

use super::LiveSession;
use crate::door::Wire;
use crate::ports::{AccessRecorder, Clock, Ports};
use crate::site::Site;

/// A request in flight. It stays in its session's list until its last byte has left for the kernel, so that a
/// cut finds it; closing it writes its completed record, once.
pub(crate) struct Exchange {
    number: u64,
    pub(crate) record: RecordId,
    pub(crate) session: Arc<LiveSession>,
    pub(crate) site: Arc<Site>,
    wire: Arc<Wire>,
    recorder: Arc<dyn AccessRecorder>,
    clock: Arc<dyn Clock>,
    /// Whether somebody at work asked for it; a picture or what a browser fetches ahead keeps no session awake.
    is_use: bool,
    is_closed: AtomicBool,
    /// Zero until the application answered.
    status: AtomicU16,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

impl Exchange {
    /// Registers a request with its session and its connection.
    pub(crate) fn begin(
        number: u64,
        record: RecordId,
        session: Arc<LiveSession>,
        site: Arc<Site>,
        wire: Arc<Wire>,
        ports: &Ports,
        is_use: bool,
    ) -> Arc<Self> {
        let exchange = Arc::new(Self {
            number,
            record,
            session,
            site,
            wire,
            recorder: ports.recorder.clone(),
            clock: ports.clock.clone(),
            is_use,
            is_closed: AtomicBool::new(false),
            status: AtomicU16::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        });
        exchange.touch();
        exchange.wire.carry(exchange.clone());
        let in_flight = exchange.session.in_flight.pin();
        in_flight.insert(number, exchange.clone());
        drop(in_flight);
        // Pairs with the fence in `LiveSession::end`.
        fence(Ordering::SeqCst);
        exchange
    }

    /// The application has begun its answer.
    pub(crate) fn answered(&self, status: http::StatusCode) {
        self.status.store(status.as_u16(), Ordering::Relaxed);
    }

    /// Body bytes went to the application.
    pub(crate) fn count_in(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Body bytes went to the client.
    pub(crate) fn count_out(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes_out.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The whole answer was handed over; once it has left, the exchange closes as answered.
    pub(crate) fn handed_over(&self) {
        self.wire.answer_handed_over();
    }

    /// Ends it here and now: no byte is written after this call returns, except a write already under way.
    pub(crate) fn cut(&self) {
        // Claimed before the connection learns of it, or its going away would be taken for the client's.
        if self.claim() {
            self.wire.cut();
            self.settle(Outcome::Cut);
        }
    }

    /// Whether somebody closed it.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Forgets it without a record: its admission never became durable.
    pub(crate) fn never_happened(&self) {
        if self.claim() {
            self.leave();
        }
    }

    /// Writes its completed record, the first time.
    pub(crate) fn close(&self, outcome: Outcome) {
        if self.claim() {
            self.settle(outcome);
        }
    }

    /// Whether the caller is the one who closes it.
    fn claim(&self) -> bool {
        !self.is_closed.swap(true, Ordering::AcqRel)
    }

    fn settle(&self, outcome: Outcome) {
        self.leave();
        let at = self.clock.now();
        let status = self.status.load(Ordering::Relaxed);
        let completed = Completed {
            record: self.record.clone(),
            session: self.session.facts.id.clone(),
            application: self.site.id.clone(),
            status: (status != 0).then_some(status),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            outcome,
            at,
        };
        let happened = Happened {
            stream: Stream::Session(self.session.facts.id.clone()),
            at,
            event: Event::AccessCompleted(completed),
        };
        if let Some(bytes) = record_bytes(&happened) {
            self.recorder.append_unawaited(bytes);
        }
        self.touch();
    }

    fn touch(&self) {
        if self.is_use {
            self.session.touch(self.clock.boot_ms());
        }
    }

    fn leave(&self) {
        self.session.in_flight.pin().remove(&self.number);
        self.wire.let_go(self.number);
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

/// What the recorder keeps of an event.
pub(crate) fn record_bytes(happened: &Happened) -> Option<Bytes> {
    serde_json::to_vec(happened).ok().map(Bytes::from)
}
