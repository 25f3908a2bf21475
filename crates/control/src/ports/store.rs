//! The store: ledger rows, the projections folded from them, and the outbox, in one transaction or not at all.
//!
//! Durability: what [`Store::commit`] answered survives power loss. Concurrency: commits are serialised by the
//! implementation; reads see the last commit. Whoever holds the store can read everything and can insert rows;
//! such rows open nothing, because activation checks each event it stands on against the signed tree, and
//! `locum ledger verify` finds them.

use async_trait::async_trait;
use jiff::Timestamp;
use locum_domain::access::FoldedRoute;
use locum_domain::{Aggregate, ApplicationId, Event, Happened, Recorded, SessionId, Stream};
use locum_record::{Payload, Personal};

use super::journal::JournalMark;
use super::sealer::Sealer;

/// A state with the number of events that made it: 0 stands for a stream that nothing happened in.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    pub version: u64,
    pub state: Option<Aggregate>,
}

/// A condition that must hold inside the transaction, or the proposal is rejected as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// The stream has had exactly this many state-changing events.
    Version { stream: Stream, version: u64 },
    /// At most this many states of `kind` carry `key = value`, before this proposal.
    AtMost {
        kind: &'static str,
        key: &'static str,
        value: String,
        most: u64,
    },
    /// This delivery of a connector was not seen before; seeing it is part of the transaction.
    Unseen { connector: String, delivery: String },
}

/// Work for a connector, owed from the moment of the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// What is to be done: `look-up-case`…
    pub kind: String,
    pub body: serde_json::Value,
    pub due: Timestamp,
}

/// An outbox row that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxTask {
    pub id: i64,
    pub kind: String,
    pub body: serde_json::Value,
    pub attempts: u32,
}

/// Events that belong together, under conditions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    pub guards: Vec<Guard>,
    pub events: Vec<Happened>,
    pub outbox: Vec<OutboxItem>,
}

impl Proposal {
    /// One event of a stream, on the version of it that was judged.
    pub(crate) fn of(stream: &Stream, version: u64, event: Event, at: Timestamp) -> Self {
        let stream = stream.clone();
        Self {
            guards: vec![Guard::Version {
                stream: stream.clone(),
                version,
            }],
            events: vec![Happened { stream, at, event }],
            outbox: Vec::new(),
        }
    }
}

/// Why one proposal of a commit was not taken. The others of the same commit were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("`{0}` changed meanwhile")]
    Changed(String),
    #[error("`{kind}` with {key} `{value}` exceeds {most}")]
    TooMany {
        kind: &'static str,
        key: &'static str,
        value: String,
        most: u64,
    },
    #[error("the delivery was seen before")]
    Seen,
}

/// A batch: the journal's durable records first, then the proposals in order.
#[derive(Debug, Default)]
pub struct Commit {
    pub journaled: Vec<Happened>,
    /// How far into the journal `journaled` reaches.
    pub mark: Option<JournalMark>,
    pub proposals: Vec<Proposal>,
}

/// What one commit did.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    pub journaled: Vec<Recorded>,
    /// For each proposal in order, the recorded events or why it was rejected.
    pub outcomes: Vec<Result<Vec<Recorded>, Rejected>>,
    /// The ledger's size afterwards.
    pub size: u64,
}

/// One ledger entry with its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    pub position: u64,
    /// The entry's canonical bytes: the leaf.
    pub entry: Vec<u8>,
    pub stream: Stream,
    /// The payload that opens the entry's commitment.
    pub salt: [u8; 32],
    /// The event without its personal values.
    pub body: Vec<u8>,
    /// Those values, which the store keeps sealed under their subject's key, or what an erasure left of them.
    pub personal: Option<Personal>,
}

impl LedgerRow {
    /// The payload, which makes the event whole again.
    pub fn payload(&self) -> Payload {
        Payload {
            salt: self.salt,
            body: self.body.clone(),
            personal: self.personal.clone(),
        }
    }
}

/// Which states of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Every pair must be among the state's keys.
    pub keys: Vec<(String, String)>,
    /// Only ids before this one, newest first.
    pub before: Option<String>,
    pub limit: u32,
}

/// Some states, newest first, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub states: Vec<Aggregate>,
    pub next: Option<String>,
}

/// So many addresses of one application are kept; the rarest and oldest go first.
pub const MOST_UNCLASSIFIED: usize = 1_000;

/// What sessions asked for by one address and nobody classified.
#[derive(Debug, Clone, PartialEq)]
pub struct Unclassified {
    pub route: FoldedRoute,
    /// A GraphQL root field or a document's hash, where the address does not say it.
    pub asked: Option<String>,
    pub count: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// Where in the ledger the last refusal stands.
    pub last_position: u64,
    pub last_session: SessionId,
}

/// Some of them, the last seen first, and before which position the next ones are.
#[derive(Debug, Clone, PartialEq)]
pub struct UnclassifiedPage {
    pub rows: Vec<Unclassified>,
    pub next: Option<u64>,
}

/// The store gave no answer. Nothing follows from that but a refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the store cannot be written: {0}")]
    Unavailable(String),
    #[error("the store holds something it should not: {0}")]
    Corrupt(String),
}

/// See the module.
#[async_trait]
pub trait Store: Send + Sync {
    /// Commits a batch in one transaction: for each proposal its guards are tried, then its events get the next
    /// positions; entries, payloads, projections, keys, outbox rows, full tiles, the checkpoint and the
    /// journal's mark are written together. Personal values, and states made of them, are sealed under their subject's
    /// key; an `erasure-confirmed` among the events destroys that key, and the states are as if they were folded
    /// from what is left. `sealer` turns the accepted events into entries and the checkpoint.
    async fn commit(
        &self,
        commit: Commit,
        sealer: Box<dyn Sealer>,
    ) -> Result<Committed, StoreError>;

    /// Whether personal values are seen at all: a look at a copy without the payload key sees none of them.
    fn opens_personal(&self) -> bool {
        true
    }

    /// The state of one stream.
    async fn load(&self, stream: &Stream) -> Result<Versioned, StoreError>;
    /// States of one kind that carry all the keys asked for.
    async fn list(&self, kind: &'static str, query: Query) -> Result<Page, StoreError>;
    /// What nobody classified of an application, gathered from its refused requests: at most [`MOST_UNCLASSIFIED`],
    /// the last seen first; only those last seen before a position.
    async fn unclassified(
        &self,
        application: &ApplicationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<UnclassifiedPage, StoreError>;
    /// The ledger rows of one stream, in order.
    async fn history(&self, stream: &Stream) -> Result<Vec<LedgerRow>, StoreError>;
    /// Ledger rows from `from` on, at most `limit`.
    async fn rows(&self, from: u64, limit: u32) -> Result<Vec<LedgerRow>, StoreError>;
    /// Just the entries' bytes from `from` on, at most `limit`.
    async fn entries(&self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError>;
    /// The ledger's size.
    async fn size(&self) -> Result<u64, StoreError>;
    /// A full tile of hashes (8,192 bytes) of the level, if it is complete.
    async fn full_tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// The newest checkpoint, a signed note.
    async fn checkpoint(&self) -> Result<Option<String>, StoreError>;
    /// Keeps a checkpoint that enough witnesses cosigned, in place of another of its size.
    async fn keep_witnessed(&self, size: u64, note: &str) -> Result<(), StoreError>;
    /// The smallest witnessed checkpoint over at least `size` entries. Whoever writes to the store could put any
    /// note there: believe its signatures, not its place.
    async fn witnessed_over(&self, size: u64) -> Result<Option<String>, StoreError>;
    /// The witnessed checkpoint over the most entries.
    async fn newest_witnessed(&self) -> Result<Option<String>, StoreError>;
    /// How far the journal was sequenced.
    async fn mark(&self) -> Result<Option<JournalMark>, StoreError>;

    /// Claims due outbox rows until `until`; a row not completed by then is claimed again.
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxTask>, StoreError>;
    /// Takes a claimed row out of the outbox.
    async fn complete(&self, id: i64) -> Result<(), StoreError>;
    /// Puts a claimed row back for later.
    async fn postpone(&self, id: i64, due: Timestamp) -> Result<(), StoreError>;

    /// Remembers that a keyed request began. Answers what is known of the key: nothing, that it is running
    /// with this digest, or what it was answered.
    async fn begin_idempotent(
        &self,
        principal: &str,
        key: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<Idempotent, StoreError>;
    /// Keeps the answer of a keyed request, or forgets the key when there is none to keep.
    async fn finish_idempotent(
        &self,
        principal: &str,
        key: &str,
        answer: Option<(u16, String)>,
    ) -> Result<(), StoreError>;

    /// Drops every projection and folds the ledger again. Answers the streams whose state differed.
    async fn rebuild(&self) -> Result<Vec<String>, StoreError>;
    /// Folds the ledger beside the projections and answers the streams whose state differs, changing nothing.
    async fn differences(&self) -> Result<Vec<String>, StoreError>;
}

/// What is known of an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idempotent {
    /// Nothing; it is remembered as running now.
    Fresh,
    /// The same key came with another body.
    OtherBody,
    /// The first request with this key has not been answered yet.
    Running,
    /// It was answered: status and body.
    Answered(u16, String),
}
