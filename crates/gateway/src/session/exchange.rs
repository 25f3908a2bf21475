//! One admitted request from its permit to its last byte, and the record of how it went.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering, fence};

use bytes::Bytes;
use locum_domain::access::{Completed, Outcome};
use locum_domain::aggregate::Stream;
use locum_domain::{Event, Happened, RecordId};

use super::LiveSession;
use super::progress::{Closing, Progress};
use crate::door::Wire;
use crate::ports::{AccessRecorder, Clock, Ports};
use crate::site::Site;

/// A request in flight. Its connection carries it until its last byte has left for the kernel, and the session
/// knows the connection, so that a cut finds it; closing it writes its completed record, once.
pub(crate) struct Exchange {
    number: u64,
    pub(crate) record: RecordId,
    /// Of what a document asked for besides; none for most requests.
    pub(crate) beside: Vec<RecordId>,
    pub(crate) session: Arc<LiveSession>,
    pub(crate) site: Arc<Site>,
    wire: Arc<Wire>,
    recorder: Arc<dyn AccessRecorder>,
    clock: Arc<dyn Clock>,
    /// When its admission was asked for, on the clock that never steps.
    began_us: u64,
    /// Whether somebody at work asked for it; what nobody asked for keeps no session awake.
    is_use: bool,
    progress: Progress,
    /// What the client was answered; zero until then.
    status: AtomicU16,
    /// Whether it was the application that answered.
    is_answered: AtomicBool,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// The records of one request: its number and its id, and the ids of what its document asks for besides.
pub(crate) struct Records {
    pub(crate) number: u64,
    pub(crate) first: RecordId,
    pub(crate) beside: Vec<RecordId>,
}

impl Exchange {
    /// Registers a request with its session and its connection.
    pub(crate) fn begin(
        records: Records,
        session: Arc<LiveSession>,
        site: Arc<Site>,
        wire: Arc<Wire>,
        ports: &Ports,
        began_us: u64,
        is_use: bool,
    ) -> Arc<Self> {
        let exchange = Arc::new(Self {
            number: records.number,
            record: records.first,
            beside: records.beside,
            session,
            site,
            wire,
            recorder: ports.recorder.clone(),
            clock: ports.clock.clone(),
            began_us,
            is_use,
            progress: Progress::default(),
            status: AtomicU16::new(0),
            is_answered: AtomicBool::new(false),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        });
        exchange.touch(began_us);
        exchange.session.count_begun();
        exchange.wire.carry(&exchange);
        // Pairs with the fence in `LiveSession::end`.
        fence(Ordering::SeqCst);
        exchange
    }

    /// The application has begun its answer.
    pub(crate) fn reached(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// What the client is answered: the application's status, or what stands in for its answer.
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

    /// Queues its admission with `queue`, which must not wait. `None` when it was ended before, and nothing may
    /// happen any more.
    pub(crate) fn admit<T>(&self, queue: impl FnOnce() -> T) -> Option<T> {
        if !self.progress.begin_queueing() {
            return None;
        }
        let queued = queue();
        if !self.progress.end_queueing() {
            self.settle(Outcome::Cut);
        }
        Some(queued)
    }

    /// Ends it here and now: no byte is written after this call returns, except a write already under way.
    /// Answers whether it was under way; one whose admission is not queued yet is refused by its own task.
    pub(crate) fn cut(&self) -> bool {
        // Closed before the connection learns of it, or its going away would be taken for the client's.
        let closing = self.progress.close();
        match closing {
            Closing::Already => {}
            Closing::Unrecorded => self.leave(),
            Closing::Deferred => self.wire.cut(),
            Closing::Completes => {
                self.wire.cut();
                self.settle(Outcome::Cut);
            }
        }
        matches!(closing, Closing::Deferred | Closing::Completes)
    }

    /// Whether somebody closed it.
    pub(crate) fn is_closed(&self) -> bool {
        self.progress.is_closed()
    }

    /// Forgets it without a completion: its admission did not become durable.
    pub(crate) fn never_happened(&self) {
        if matches!(
            self.progress.close(),
            Closing::Unrecorded | Closing::Completes
        ) {
            self.leave();
        }
    }

    /// Writes its completed record, the first time.
    pub(crate) fn close(&self, outcome: Outcome) {
        match self.progress.close() {
            Closing::Completes => self.settle(outcome),
            Closing::Unrecorded => self.leave(),
            Closing::Deferred | Closing::Already => {}
        }
    }

    fn settle(&self, outcome: Outcome) {
        self.leave();
        let (bytes_in, bytes_out) = (&self.bytes_in, &self.bytes_out);
        let [bytes_in, bytes_out] = [bytes_in, bytes_out].map(|it| it.load(Ordering::Relaxed));
        let (at, now_us) = (self.clock.now(), self.clock.boot_us());
        let status = self.status.load(Ordering::Relaxed);
        let is_answered = self.is_answered.load(Ordering::Relaxed);
        let completed = Completed {
            record: self.record.clone(),
            session: self.session.facts.id.clone(),
            application: self.site.id.clone(),
            status: (status != 0).then_some(status),
            bytes_in,
            bytes_out,
            duration_us: now_us.saturating_sub(self.began_us),
            upstream: is_answered.then(|| self.site.upstream.name.clone()),
            outcome,
            at,
        };
        for record in &self.beside {
            // The bytes are the request's, and are counted once.
            let beside = Completed {
                record: record.clone(),
                bytes_in: 0,
                bytes_out: 0,
                ..completed.clone()
            };
            self.complete(beside);
        }
        self.complete(completed);
        self.touch(now_us);
    }

    fn complete(&self, completed: Completed) {
        let happened = Happened {
            stream: Stream::Session(self.session.facts.id.clone()),
            at: completed.at,
            event: Event::AccessCompleted(completed),
        };
        if let Some(bytes) = record_bytes(&happened) {
            self.recorder.append_unawaited(bytes);
        }
    }

    fn touch(&self, now_us: u64) {
        if self.is_use {
            self.session.touch(now_us / 1000);
        }
    }

    fn leave(&self) {
        self.session.count_over();
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
