//! The one sequencer: everything that happens gets its place here, and nothing is acknowledged before its
//! commit is durable.
//!
//! Order of work, and what a crash leaves behind at each step:
//! 1. The recorder made access records durable and let the requests go on. A crash here: recovery peeks at
//!    them again, because the mark has not moved.
//! 2. One store transaction writes records, decisions, state, tiles, checkpoint and mark. A crash here leaves
//!    all of it or none.
//! 3. The journal is told to advance. A crash here: the mark in the store already says so at the next start.
//! 4. Listeners learn of the commit, then whoever waits is answered. A crash here: nobody was told anything
//!    that did not happen; live sessions are rebuilt from the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use locum_domain::{AuthenticatorId, Event, Happened, Recorded, Stream, Timestamp};
use locum_record::Entry;
use locum_tlog::{Hash, LedgerKey, VerifierKey, leaf_hash, verify_checkpoint};
use tokio::sync::{mpsc, oneshot, watch};

use super::chains::{ChainFault, Grown};
use super::head::{Head, HeadFault, History};
use super::keys::Keys;
use super::sealing::LedgerSealer;
use super::verified::open_row;
use crate::ports::{
    Clock, Commit, Committed, Entropy, Journal, Journaled, Proposal, Rejected, Store, StoreError,
};

/// Access records wait this long for company before they are sequenced without a decision; the checkpoint
/// then covers them well within the two seconds that are promised.
const GATHER: Duration = Duration::from_millis(250);
/// How long the sequencer waits after the store refused a commit.
const AFTER_FAILURE: Duration = Duration::from_millis(200);
const MOST_RECORDS: usize = 4_096;
const MOST_PROPOSALS: usize = 256;

/// Learns of every commit, in order, before anybody is answered. It must be quick and must not fail.
pub trait CommitListener: Send + Sync {
    /// These events were committed.
    fn committed(&self, events: &[Recorded]);
}

/// Why a proposal did not become part of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequencerError {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the sequencer has stopped")]
    Stopped,
}

struct Waiting {
    proposal: Proposal,
    answer: oneshot::Sender<Result<Vec<Recorded>, SequencerError>>,
}

/// A handle to the sequencer.
#[derive(Clone)]
pub struct Sequencer {
    queue: mpsc::Sender<Waiting>,
    size: watch::Receiver<u64>,
    head: Arc<RwLock<Head>>,
}

/// What the sequencer needs to start.
pub struct Start {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    pub key: Arc<LedgerKey>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub listeners: Vec<Arc<dyn CommitListener>>,
}

/// Why the ledger cannot be taken up where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum TakeUpError {
    #[error(transparent)]
    Head(#[from] HeadFault),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the ledger has {entries} entries and its last signed checkpoint says {signed}")]
    Size { entries: u64, signed: u64 },
    #[error("the ledger's entries do not have the root that its last checkpoint signed")]
    Root,
    #[error("the last checkpoint is not signed by this ledger's key")]
    Checkpoint,
}

impl Sequencer {
    /// Takes the ledger up where its last signed checkpoint stopped, and starts sequencing.
    ///
    /// # Errors
    /// When entries and signed checkpoint disagree: somebody wrote to the database without the ledger's key.
    pub async fn start(start: Start) -> Result<Self, TakeUpError> {
        let head = take_up(&*start.store, start.key.verifier_key(), &*start.clock).await?;
        if let Some(mark) = start.store.mark().await? {
            start.journal.advance(mark);
        }
        let (queue, waiting) = mpsc::channel(1_024);
        let (told, size) = watch::channel(head.tree.size());
        let shared = Arc::new(RwLock::new(head));
        let worker = Worker {
            start,
            head: Arc::clone(&shared),
            told,
        };
        // What was durable before a crash has its place before anybody reads.
        worker.last().await;
        tokio::spawn(worker.run(waiting));
        Ok(Self {
            queue,
            size,
            head: shared,
        })
    }

    /// Commits a proposal and answers with its events in their places.
    ///
    /// # Errors
    /// When a guard failed or the store gave no answer; then nothing of it happened.
    pub async fn commit(&self, proposal: Proposal) -> Result<Vec<Recorded>, SequencerError> {
        let (answer, committed) = oneshot::channel();
        let waiting = Waiting { proposal, answer };
        self.queue
            .send(waiting)
            .await
            .map_err(|_| SequencerError::Stopped)?;
        committed.await.map_err(|_| SequencerError::Stopped)?
    }

    /// The ledger's size, and a way to wait for it to grow.
    pub fn size(&self) -> watch::Receiver<u64> {
        self.size.clone()
    }

    /// Where an open history stands in the tree of the last commit.
    pub(crate) fn history(&self, stream: &Stream) -> History {
        self.head
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .history(stream)
    }

    /// Whose key is whose.
    pub(crate) fn keys<T>(&self, read: impl FnOnce(&Keys) -> T) -> T {
        read(
            &self
                .head
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .keys,
        )
    }

    /// An authenticator was seen to sign for a login, which leaves no signature on the record; `false` when its
    /// count does not grow.
    pub(crate) fn counted(&self, id: &AuthenticatorId, count: u32) -> bool {
        let mut head = self.head.write().unwrap_or_else(PoisonError::into_inner);
        head.keys.raise(id, count)
    }
}

/// Reads the ledger up to its last signed checkpoint.
pub(super) async fn take_up(
    store: &dyn Store,
    key: &VerifierKey,
    clock: &dyn Clock,
) -> Result<Head, TakeUpError> {
    let entries = store.size().await?;
    let Some(note) = store.checkpoint().await? else {
        return if entries == 0 {
            Ok(Head::default())
        } else {
            Err(TakeUpError::Checkpoint)
        };
    };
    let signed = verify_checkpoint(&note, key).map_err(|_| TakeUpError::Checkpoint)?;
    if signed.size() != entries {
        return Err(TakeUpError::Size {
            entries,
            signed: signed.size(),
        });
    }
    let head = Head::read(store, entries).await?;
    if head.tree.root() != signed.root() {
        return Err(TakeUpError::Root);
    }
    let last = store.entries(entries.saturating_sub(1), 1).await?;
    if let Some(entry) = last.first().and_then(|bytes| Entry::parse(bytes).ok()) {
        clock.committed(entry.at());
    }
    Ok(head)
}

struct Worker {
    start: Start,
    head: Arc<RwLock<Head>>,
    told: watch::Sender<u64>,
}

impl Worker {
    async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                biased;
                next = waiting.recv() => match next {
                    Some(next) => batch.push(next),
                    None => return self.last().await,
                },
                () = self.start.journal.wait() => {
                    let company = tokio::time::timeout(GATHER, waiting.recv());
                    if let Ok(Some(next)) = company.await {
                        batch.push(next);
                    }
                }
            }
            while batch.len() < MOST_PROPOSALS {
                let Ok(next) = waiting.try_recv() else { break };
                batch.push(next);
            }
            if self.commit(batch).await.is_err() {
                tokio::time::sleep(AFTER_FAILURE).await;
                if let Err(error) = self.catch_up().await {
                    tracing::warn!(%error, "the store does not answer yet");
                }
            }
        }
    }

    /// A commit whose answer was lost may stand all the same: what is in the store beyond the head, signed by our
    /// own key, is taken in and told before anything else is committed.
    async fn catch_up(&self) -> Result<(), TakeUpError> {
        let store = &*self.start.store;
        let mut tree = self
            .head
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .tree
            .clone();
        let size = store.size().await?;
        if size == tree.size() {
            return Ok(());
        }
        let note = store.checkpoint().await?.ok_or(TakeUpError::Checkpoint)?;
        let signed = verify_checkpoint(&note, self.start.key.verifier_key())
            .map_err(|_| TakeUpError::Checkpoint)?;
        let (mut events, mut chains) = (Vec::new(), Grown::default());
        while tree.size() < signed.size() {
            let rows = store.rows(tree.size(), 1_024).await?;
            if rows.is_empty() {
                return Err(HeadFault::Missing(tree.size()).into());
            }
            for row in rows {
                let recorded = open_row(&row).map_err(HeadFault::from)?;
                let leaf = leaf_hash(&row.entry);
                self.follow(&mut chains, &recorded, &row.entry, leaf)
                    .map_err(HeadFault::from)?;
                events.push(recorded);
                // The store has the tiles already; the tree is wanted for its root and its edge.
                let _full = tree.append(leaf);
            }
        }
        if tree.root() != signed.root() {
            return Err(TakeUpError::Root);
        }
        if let Some(mark) = store.mark().await? {
            self.start.journal.advance(mark);
        }
        self.head
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .grow(tree, chains, &events);
        self.tell(&events, size);
        Ok(())
    }

    /// Takes an entry that was committed beyond the head into its event's chain.
    fn follow(
        &self,
        chains: &mut Grown,
        recorded: &Recorded,
        entry: &[u8],
        leaf: Hash,
    ) -> Result<(), ChainFault> {
        let head = self.head.read().unwrap_or_else(PoisonError::into_inner);
        let due = head.chains.place(chains, &recorded.stream, &recorded.event);
        let says = Entry::parse(entry).ok().and_then(|entry| entry.place());
        if says != due {
            let position = recorded.position;
            return Err(ChainFault::Event { position });
        }
        if let Some(place) = due {
            chains.prepare(&recorded.stream, place, leaf);
        }
        Ok(())
    }

    /// Sequences what the recorder still holds while nobody can propose: before the first, and after the last.
    async fn last(&self) {
        while !self.start.journal.peek(1).is_empty() {
            if self.commit(Vec::new()).await.is_err() {
                return;
            }
        }
    }

    async fn commit(&self, batch: Vec<Waiting>) -> Result<(), StoreError> {
        let records = self.start.journal.peek(MOST_RECORDS);
        let mark = records.last().map(|record| record.mark);
        let journaled = self.access_records(&records);
        let batch = self.in_time(self.counting_on(batch), &journaled);
        let (proposals, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.proposal, waiting.answer))
            .unzip();
        let committed = match self
            .write(Commit {
                journaled,
                mark,
                proposals,
            })
            .await
        {
            Ok(committed) => committed,
            Err(error) => {
                tracing::error!(%error, "nothing was committed");
                for answer in answers {
                    // Whoever stopped waiting no longer needs to know.
                    let _ = answer.send(Err(error.clone().into()));
                }
                return Err(error);
            }
        };
        if let Some(mark) = mark {
            self.start.journal.advance(mark);
        }
        for (answer, outcome) in answers.into_iter().zip(committed.outcomes) {
            let _ = answer.send(outcome.map_err(SequencerError::from));
        }
        Ok(())
    }

    /// Sends back whoever signed with a count that another signature of the same key has overtaken: were both recorded,
    /// the ledger would tell of a copied key. They decide again, and find it so.
    fn counting_on(&self, batch: Vec<Waiting>) -> Vec<Waiting> {
        let head = self.head.read().unwrap_or_else(PoisonError::into_inner);
        let mut taken = HashMap::new();
        let mut rest = Vec::with_capacity(batch.len());
        for waiting in batch {
            let events = waiting.proposal.events.iter();
            let events = events.map(|happened| &happened.event);
            match head.keys.overtaken(events, &mut taken) {
                None => rest.push(waiting),
                Some(id) => {
                    let changed = Rejected::Changed(format!("the count of {id}"));
                    // Whoever stopped waiting no longer needs to know.
                    let _ = waiting.answer.send(Err(changed.into()));
                }
            }
        }
        rest
    }

    /// Sends back whoever files a request with a time that the record has long passed, while it stood still: filings
    /// stand in the order of their times, but for a minute.
    fn in_time(&self, batch: Vec<Waiting>, journaled: &[Happened]) -> Vec<Waiting> {
        let head = self.head.read().unwrap_or_else(PoisonError::into_inner);
        let newest = journaled.iter().map(|record| record.at).max();
        let is_late = |happened: &Happened| {
            matches!(happened.event, Event::RequestFiled { .. })
                && !head.is_in_time(happened.at, newest)
        };
        let (late, rest): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|waiting| waiting.proposal.events.iter().any(is_late));
        for waiting in late {
            let changed = Rejected::Changed("the time".to_owned());
            // Whoever stopped waiting no longer needs to know.
            let _ = waiting.answer.send(Err(changed.into()));
        }
        rest
    }

    /// The records as the events they are. Whoever can write to the recorder's files can put anything there, so
    /// only what an enforcement point says of a request gets a place; the rest is counted and seen.
    fn access_records(&self, records: &[Journaled]) -> Vec<Happened> {
        let mut happened = Vec::with_capacity(records.len());
        let mut foreign = 0_u64;
        for record in records {
            match serde_json::from_slice::<Happened>(&record.bytes) {
                Ok(record) if is_access_record(&record) => happened.push(record),
                _ => foreign += 1,
            }
        }
        if foreign > 0 {
            tracing::error!(
                foreign,
                "the recorder holds what no enforcement point wrote"
            );
            let at = happened
                .last()
                .map_or_else(|| self.last_believed(), |record| record.at);
            let event = Event::StrangersRefused {
                listener: "recorder".to_owned(),
                reason: "no-access-record".to_owned(),
                count: foreign,
                at,
            };
            happened.push(Happened {
                stream: Stream::Doors,
                at,
                event,
            });
        }
        happened
    }

    fn last_believed(&self) -> Timestamp {
        self.start
            .clock
            .now()
            .unwrap_or_else(|untrusted| untrusted.last)
    }

    async fn write(&self, commit: Commit) -> Result<Committed, StoreError> {
        let grown = Arc::new(Mutex::new(None));
        let sealer = LedgerSealer {
            tree: self
                .head
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .tree
                .clone(),
            head: Arc::clone(&self.head),
            key: Arc::clone(&self.start.key),
            entropy: Arc::clone(&self.start.entropy),
            grown: Arc::clone(&grown),
        };
        let committed = self.start.store.commit(commit, Box::new(sealer)).await?;
        let mut events: Vec<Recorded> = committed.journaled.clone();
        events.extend(committed.outcomes.iter().flatten().flatten().cloned());
        let grown = grown.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((tree, chains)) = grown {
            let mut head = self.head.write().unwrap_or_else(PoisonError::into_inner);
            head.grow(tree, chains, &events);
        }
        self.tell(&events, committed.size);
        Ok(committed)
    }

    fn tell(&self, events: &[Recorded], size: u64) {
        if let Some(newest) = events.iter().map(|event| event.at).max() {
            self.start.clock.committed(newest);
        }
        for listener in &self.start.listeners {
            listener.committed(events);
        }
        self.told.send_replace(size);
    }
}

fn is_access_record(record: &Happened) -> bool {
    let is_one = matches!(
        record.event,
        Event::AccessAdmitted(_) | Event::AccessCompleted(_) | Event::AccessRefused(_)
    );
    is_one && record.event.is_about(&record.stream)
}
