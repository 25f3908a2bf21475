//! What the gateway needs from outside.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use locum_domain::{ApplicationId, SessionId};

/// The record cannot be written, so nothing may happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the access record cannot be written")]
pub struct RecordNotKept;

/// Keeps access records. Whoever holds it can say that something happened; nobody can take it back.
pub trait AccessRecorder: Send + Sync {
    /// Queues the record at once, in the order of the calls; resolves when it is durable. Dropping the future
    /// does not take the record back: whoever went away while it was written is on the record.
    ///
    /// # Errors
    /// When it is not durable and will not become so.
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>>;

    /// Queues a record that nothing waits for. A failure closes the door for the next [`Self::append`].
    fn append_unawaited(&self, record: Bytes);
}

/// Two clocks: what time it is, and one that neither steps nor stands still while the machine sleeps.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// Microseconds since the machine started.
    fn boot_us(&self) -> u64;
    /// Milliseconds since the machine started.
    fn boot_ms(&self) -> u64 {
        self.boot_us() / 1000
    }
}

/// Where random bytes come from.
pub type Random = Arc<dyn ring::rand::SecureRandom + Send + Sync>;

/// The end could not be recorded; the session is cut here all the same.
#[derive(Debug, thiserror::Error)]
#[error("the end could not be recorded")]
pub struct EndNotRecorded(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Tells the control plane of ends that begin at the gateway. It can only end; nothing here opens anything.
pub trait EndOrders: Send + Sync {
    /// The actor pressed the end button. Resolves when the end is committed.
    fn ended_by_actor<'a>(
        &'a self,
        session: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), EndNotRecorded>>;

    /// The session's time is over; it has been cut already and only the record is missing. Must not block.
    fn expired(&self, session: &SessionId);
}

/// Counts strangers, so that nobody fills the record from outside. Must not block.
pub trait Strangers: Send + Sync {
    /// Somebody without a session was refused at `listener`.
    fn refused(&self, listener: &str, reason: &str);
}

/// One door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listener {
    /// Every application by its host under the gateway's domain.
    Domain,
    /// One application at its own `address`.
    Application(ApplicationId),
}

impl Listener {
    /// The name under which strangers are counted.
    pub fn name(&self) -> String {
        match self {
            Listener::Domain => "gateway".to_owned(),
            Listener::Application(id) => format!("gateway/{id}"),
        }
    }
}

/// Everything from outside, handed over once.
#[derive(Clone)]
pub struct Ports {
    pub recorder: Arc<dyn AccessRecorder>,
    pub end_orders: Arc<dyn EndOrders>,
    pub strangers: Arc<dyn Strangers>,
    pub clock: Arc<dyn Clock>,
    pub random: Random,
}
