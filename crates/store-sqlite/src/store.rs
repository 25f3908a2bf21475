//! The port, verb by verb: what writes goes to the writer, what reads to a reader.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use locum_control::ports::{
    Commit, Committed, Idempotent, JournalMark, LedgerRow, OutboxTask, Page, Query, Sealer, Store,
    StoreError, UnclassifiedPage, Versioned,
};
use locum_domain::{ApplicationId, Stream};

use crate::lock::ProcessLock;
use crate::readers::Readers;
use crate::vault::Vault;
use crate::writer::Writer;
use crate::{commit, idempotency, ledger, outbox, projection, refold, unclassified, witnessed};

/// The store in one SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    // In this order they are dropped: the connection that writes is the last one, which folds the log into the file,
    // and the lock goes after it.
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    /// What personal data is sealed with; `None` for a look at a database without its payload key.
    pub(crate) vault: Option<Arc<Vault>>,
    /// Where the ids of erased keys are remembered.
    pub(crate) beside: Option<PathBuf>,
    pub(crate) _lock: Option<ProcessLock>,
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(
        &self,
        commit: Commit,
        mut sealer: Box<dyn Sealer>,
    ) -> Result<Committed, StoreError> {
        let (vault, beside) = (self.vault.clone(), self.beside.clone());
        self.writer
            .run(move |connection| {
                commit::commit(
                    connection,
                    vault.as_deref(),
                    commit,
                    sealer.as_mut(),
                    beside.as_deref(),
                )
            })
            .await
    }

    fn opens_personal(&self) -> bool {
        self.vault.is_some()
    }

    async fn load(&self, stream: &Stream) -> Result<Versioned, StoreError> {
        let vault = self.vault.clone();
        let stream = stream.clone();
        self.readers
            .run(move |connection| projection::load(connection, vault.as_deref(), &stream))
            .await
    }

    async fn list(&self, kind: &'static str, query: Query) -> Result<Page, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(move |connection| projection::list(connection, vault.as_deref(), kind, &query))
            .await
    }

    async fn unclassified(
        &self,
        application: &ApplicationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<UnclassifiedPage, StoreError> {
        let application = application.clone();
        self.readers
            .run(move |connection| unclassified::page(connection, &application, before, limit))
            .await
    }

    async fn history(&self, stream: &Stream) -> Result<Vec<LedgerRow>, StoreError> {
        let vault = self.vault.clone();
        let stream = stream.clone();
        self.readers
            .run(move |connection| ledger::history(connection, vault.as_deref(), &stream))
            .await
    }

    async fn rows(&self, from: u64, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(move |connection| ledger::rows(connection, vault.as_deref(), from, limit))
            .await
    }

    async fn entries(&self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        self.readers
            .run(move |connection| ledger::entries(connection, from, limit))
            .await
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.readers
            .run(|connection| ledger::size(connection))
            .await
    }

    async fn full_tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers
            .run(move |connection| ledger::full_tile(connection, level, index))
            .await
    }

    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.readers
            .run(|connection| ledger::checkpoint(connection))
            .await
    }

    async fn keep_witnessed(&self, size: u64, note: &str) -> Result<(), StoreError> {
        let note = note.to_owned();
        self.writer
            .run(move |connection| witnessed::keep(connection, size, &note))
            .await
    }

    async fn witnessed_over(&self, size: u64) -> Result<Option<String>, StoreError> {
        self.readers
            .run(move |connection| witnessed::covering(connection, size))
            .await
    }

    async fn newest_witnessed(&self) -> Result<Option<String>, StoreError> {
        self.readers
            .run(|connection| witnessed::newest(connection))
            .await
    }

    async fn mark(&self) -> Result<Option<JournalMark>, StoreError> {
        self.readers
            .run(|connection| ledger::mark(connection))
            .await
    }

    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxTask>, StoreError> {
        self.writer
            .run(move |connection| outbox::claim(connection, now, until, limit))
            .await
    }

    async fn complete(&self, id: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |connection| outbox::complete(connection, id))
            .await
    }

    async fn postpone(&self, id: i64, due: Timestamp) -> Result<(), StoreError> {
        self.writer
            .run(move |connection| outbox::postpone(connection, id, due))
            .await
    }

    async fn begin_idempotent(
        &self,
        principal: &str,
        key: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<Idempotent, StoreError> {
        let vault = self.vault.clone();
        let (principal, key, digest) = (principal.to_owned(), key.to_owned(), digest.to_owned());
        self.writer
            .run(move |connection| {
                idempotency::begin(connection, vault.as_deref(), &principal, &key, &digest, now)
            })
            .await
    }

    async fn finish_idempotent(
        &self,
        principal: &str,
        key: &str,
        answer: Option<(u16, String)>,
    ) -> Result<(), StoreError> {
        let vault = self.vault.clone();
        let (principal, key) = (principal.to_owned(), key.to_owned());
        self.writer
            .run(move |connection| {
                idempotency::finish(connection, vault.as_deref(), &principal, &key, answer)
            })
            .await
    }

    async fn rebuild(&self) -> Result<Vec<String>, StoreError> {
        let vault = self.vault.clone();
        self.writer
            .run(move |connection| refold::rebuild(connection, vault.as_deref()))
            .await
    }

    async fn differences(&self) -> Result<Vec<String>, StoreError> {
        let vault = self.vault.clone();
        self.readers
            .run(move |connection| refold::differences(connection, vault.as_deref()))
            .await
    }
}
