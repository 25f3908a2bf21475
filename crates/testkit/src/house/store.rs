//! The real store, behind gates and faults.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use locum_control::ports::{
    Commit, Committed, Idempotent, JournalMark, LedgerRow, OutboxTask, Page, Query, Sealer, Store,
    StoreError, UnclassifiedPage, Versioned,
};
use locum_domain::{ApplicationId, Stream};
use locum_store_sqlite::{KEY_BYTES, PayloadKey, SqliteOptions, SqliteStore};

use super::Gate;

/// How the store of a house on disk is opened: what was erased from it is remembered beside it.
pub(super) fn store_options(path: &Path) -> SqliteOptions {
    SqliteOptions {
        erased: Some(path.with_file_name("erased")),
        ..SqliteOptions::sealing(PayloadKey::from_bytes([7; KEY_BYTES]))
    }
}

/// Passes everything on to SQLite, unless told to fail.
#[derive(Debug)]
pub struct FaultyStore {
    inner: SqliteStore,
    path: Option<PathBuf>,
    fails_commits: AtomicBool,
    fails_reads: AtomicBool,
    loses_answers: AtomicBool,
    /// Every commit passes here before it is written.
    pub commits: Gate,
    /// Every load, list and history passes here before it is answered.
    pub reads: Gate,
}

impl FaultyStore {
    /// A store that works until it is told not to.
    pub fn new(inner: SqliteStore, path: Option<PathBuf>) -> Self {
        Self {
            inner,
            path,
            fails_commits: AtomicBool::new(false),
            fails_reads: AtomicBool::new(false),
            loses_answers: AtomicBool::new(false),
            commits: Gate::default(),
            reads: Gate::default(),
        }
    }

    /// Copies the database of a house on disk as it is now.
    pub fn copy_to(&self, file: &Path) {
        let path = self.path.as_deref().expect("a house in memory has no file");
        SqliteStore::copy(path, file).unwrap();
    }

    /// Opens such a copy as a restored store is opened.
    pub fn opened_again(&self, copy: &Path) -> SqliteStore {
        let path = self.path.as_deref().expect("a house in memory has no file");
        SqliteStore::open(copy, store_options(path)).unwrap()
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether commits fail before anything is written, as on a full disk.
    pub fn set_fails_commits(&self, fails: bool) {
        self.fails_commits.store(fails, Ordering::SeqCst);
    }

    /// Whether reads get no answer.
    pub fn set_fails_reads(&self, fails: bool) {
        self.fails_reads.store(fails, Ordering::SeqCst);
    }

    /// Whether commits are written and their answers lost.
    pub fn set_loses_answers(&self, loses: bool) {
        self.loses_answers.store(loses, Ordering::SeqCst);
    }

    async fn read(&self) -> Result<(), StoreError> {
        self.reads.pass().await;
        if self.fails_reads.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("the test reads nothing".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn commit(
        &self,
        commit: Commit,
        sealer: Box<dyn Sealer>,
    ) -> Result<Committed, StoreError> {
        self.commits.pass().await;
        if self.fails_commits.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable(
                "the test's disk is full".to_owned(),
            ));
        }
        let committed = self.inner.commit(commit, sealer).await?;
        if self.loses_answers.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the answer was lost".to_owned()));
        }
        Ok(committed)
    }

    async fn load(&self, stream: &Stream) -> Result<Versioned, StoreError> {
        self.read().await?;
        self.inner.load(stream).await
    }

    async fn list(&self, kind: &'static str, query: Query) -> Result<Page, StoreError> {
        self.read().await?;
        self.inner.list(kind, query).await
    }

    async fn unclassified(
        &self,
        application: &ApplicationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<UnclassifiedPage, StoreError> {
        self.read().await?;
        self.inner.unclassified(application, before, limit).await
    }

    async fn history(&self, stream: &Stream) -> Result<Vec<LedgerRow>, StoreError> {
        self.read().await?;
        self.inner.history(stream).await
    }

    async fn rows(&self, from: u64, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        self.inner.rows(from, limit).await
    }

    async fn entries(&self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner.entries(from, limit).await
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.inner.size().await
    }

    async fn full_tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.full_tile(level, index).await
    }

    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.inner.checkpoint().await
    }

    async fn keep_witnessed(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.inner.keep_witnessed(size, note).await
    }

    async fn witnessed_over(&self, size: u64) -> Result<Option<String>, StoreError> {
        self.inner.witnessed_over(size).await
    }

    async fn newest_witnessed(&self) -> Result<Option<String>, StoreError> {
        self.inner.newest_witnessed().await
    }

    async fn mark(&self) -> Result<Option<JournalMark>, StoreError> {
        self.inner.mark().await
    }

    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutboxTask>, StoreError> {
        self.inner.claim(now, until, limit).await
    }

    async fn complete(&self, id: i64) -> Result<(), StoreError> {
        self.inner.complete(id).await
    }

    async fn postpone(&self, id: i64, due: Timestamp) -> Result<(), StoreError> {
        self.inner.postpone(id, due).await
    }

    async fn begin_idempotent(
        &self,
        principal: &str,
        key: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<Idempotent, StoreError> {
        self.inner
            .begin_idempotent(principal, key, digest, now)
            .await
    }

    async fn finish_idempotent(
        &self,
        principal: &str,
        key: &str,
        answer: Option<(u16, String)>,
    ) -> Result<(), StoreError> {
        self.inner.finish_idempotent(principal, key, answer).await
    }

    async fn rebuild(&self) -> Result<Vec<String>, StoreError> {
        self.inner.rebuild().await
    }

    async fn differences(&self) -> Result<Vec<String>, StoreError> {
        self.inner.differences().await
    }
}
