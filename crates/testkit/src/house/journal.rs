//! The recorder's segments in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use locum_control::ports::{Journal, JournalMark, Journaled};
use locum_domain::Happened;
use tokio::sync::Notify;

/// Keeps records until they are sequenced, and can fall silent.
#[derive(Debug, Default)]
pub struct FakeJournal {
    records: Mutex<(u64, VecDeque<Journaled>)>,
    appended: Mutex<Vec<Journaled>>,
    grew: Notify,
    is_unavailable: AtomicBool,
}

impl FakeJournal {
    /// Makes a record durable, as the recorder would.
    pub fn append(&self, happened: &Happened) {
        self.append_bytes(serde_json::to_vec(happened).unwrap());
    }

    /// Makes bytes durable, readable or not.
    pub fn append_bytes(&self, bytes: Vec<u8>) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.0 += 1;
        let mark = JournalMark {
            segment: 1,
            offset: records.0,
        };
        let record = Journaled { mark, bytes };
        records.1.push_back(record.clone());
        drop(records);
        let mut appended = self.appended.lock().unwrap_or_else(PoisonError::into_inner);
        appended.push(record);
        drop(appended);
        self.grew.notify_one();
    }

    /// Every record ever appended lies there again, as after a crash before the segments were cut.
    pub fn rewind(&self) {
        let appended = self.appended.lock().unwrap_or_else(PoisonError::into_inner);
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.1 = appended.iter().cloned().collect();
    }

    /// How many records wait to be sequenced.
    pub fn waiting(&self) -> usize {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.1.len()
    }

    /// Whether no record can be made durable.
    pub fn set_unavailable(&self, is_unavailable: bool) {
        self.is_unavailable.store(is_unavailable, Ordering::SeqCst);
    }
}

#[async_trait]
impl Journal for FakeJournal {
    fn peek(&self, most: usize) -> Vec<Journaled> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.1.iter().take(most).cloned().collect()
    }

    fn advance(&self, mark: JournalMark) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.1.retain(|record| record.mark > mark);
    }

    async fn wait(&self) {
        while self.waiting() == 0 {
            self.grew.notified().await;
        }
    }

    fn is_available(&self) -> bool {
        !self.is_unavailable.load(Ordering::SeqCst)
    }
}
