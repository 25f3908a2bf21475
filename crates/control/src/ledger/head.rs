//! The ledger's head: the tree, and where in it the histories stand that access hangs on.
//!
//! It is built from the entries themselves when the ledger is taken up, and grows with each commit; it lives in
//! this process's memory, where nobody who writes to the database reaches. A row that is added, hidden, altered
//! or moved in the tables therefore changes nothing that opens.

use std::collections::HashMap;

use locum_domain::{Event, Recorded, Stream, Timestamp};
use locum_evidence::FILING_LAG;
use locum_record::Entry;
use locum_tlog::{Tree, leaf_hash};

use super::chains::{ChainFault, Chains, Grown};
use super::keys::Keys;
use super::verified::{RowFault, open_row_of};
use crate::ports::{Store, StoreError};

/// Entries read at a time while the ledger is taken up.
const AT_ONCE: u32 = 4_096;

/// The tree as of one commit, and the positions of every open history: governance, the founding, everybody's
/// enrolments, requests that can still lead to access, sessions that are live.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) tree: Tree,
    pub(crate) keys: Keys,
    /// How far every access event's chain has come.
    pub(crate) chains: Chains,
    /// The newest time on the record: no filing stands much behind it.
    pub(crate) newest: Option<Timestamp>,
    histories: HashMap<Stream, Vec<u64>>,
}

/// Where one open history stands in the tree of one commit.
pub(crate) struct History {
    pub(crate) tree: Tree,
    /// Empty for a history that is closed or never was.
    pub(crate) positions: Vec<u64>,
}

/// Why a ledger cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum HeadFault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("entry {0} is missing")]
    Missing(u64),
    #[error("{0}")]
    Row(String),
}

impl From<RowFault> for HeadFault {
    fn from(fault: RowFault) -> Self {
        HeadFault::Row(fault.to_string())
    }
}

impl From<ChainFault> for HeadFault {
    fn from(fault: ChainFault) -> Self {
        HeadFault::Row(fault.to_string())
    }
}

impl Head {
    /// Reads the first `size` entries and opens those that histories are made of, and those that say which event a
    /// stream belongs to.
    pub(crate) async fn read(store: &dyn Store, size: u64) -> Result<Self, HeadFault> {
        let mut head = Self::default();
        while head.tree.size() < size {
            let from = head.tree.size();
            let limit = u32::try_from(size - from).unwrap_or(u32::MAX).min(AT_ONCE);
            let entries = store.entries(from, limit).await?;
            if entries.is_empty() {
                return Err(HeadFault::Missing(from));
            }
            for (bytes, position) in entries.iter().zip(from..) {
                let entry = Entry::parse(bytes).map_err(|_| RowFault::Form(position))?;
                // The tiles are in the store already; the tree is wanted for its root and its edge.
                head.newest = head.newest.max(Some(entry.at()));
                let leaf = leaf_hash(bytes);
                let _full = head.tree.append(leaf);
                if !is_of_a_history(entry.kind()) && entry.kind() != "review-opened" {
                    head.chains.count(position, &entry, leaf)?;
                    continue;
                }
                let row = store.rows(position, 1).await?.into_iter().next();
                let row = row.filter(|row| row.position == position && row.entry == *bytes);
                let row = row.ok_or(HeadFault::Missing(position))?;
                let recorded = open_row_of(&row)?;
                head.chains.follow(&recorded, &entry, leaf)?;
                head.remember(&recorded);
            }
        }
        Ok(head)
    }

    /// Takes the events of a commit in.
    pub(crate) fn grow<'e>(
        &mut self,
        tree: Tree,
        chains: Grown,
        events: impl IntoIterator<Item = &'e Recorded>,
    ) {
        self.tree = tree;
        self.chains.take(chains);
        for recorded in events {
            self.newest = self.newest.max(Some(recorded.at));
            self.remember(recorded);
        }
    }

    /// Whether a filing of this time may follow on what the record holds, and on what else is about to be recorded
    /// up to `newest`. One that waited too long is decided anew: a period's population ends somewhere.
    pub(crate) fn is_in_time(&self, filed_at: Timestamp, newest: Option<Timestamp>) -> bool {
        let latest = filed_at.saturating_add(FILING_LAG);
        let newest = self.newest.max(newest);
        newest.is_none_or(|newest| latest.is_ok_and(|latest| newest <= latest))
    }

    /// Where a history stands.
    pub(crate) fn history(&self, stream: &Stream) -> History {
        let positions = self.histories.get(stream).cloned().unwrap_or_default();
        History {
            tree: self.tree.clone(),
            positions,
        }
    }

    fn remember(&mut self, recorded: &Recorded) {
        let Some(stream) = recorded.event.stream() else {
            return;
        };
        if !is_of_a_history(recorded.event.kind()) {
            return;
        }
        self.keys.remember(&recorded.event);
        if closes(&recorded.event) {
            self.histories.remove(&stream);
        } else {
            self.histories
                .entry(stream)
                .or_default()
                .push(recorded.position);
        }
    }
}

/// Whether entries of this kind make up a history that access hangs on.
fn is_of_a_history(kind: &str) -> bool {
    matches!(
        kind,
        "founded" | "applied" | "restored" | "question-asked" | "question-answered"
    ) || matches!(kind, "offer-made" | "offer-accepted")
        || matches!(kind, "founder-enrolled" | "authenticator-revoked")
        || kind.starts_with("change-")
        || kind.starts_with("exception-")
        || kind.starts_with("erasure-")
        || kind.starts_with("delegation-")
        || kind.starts_with("absence-")
        || kind.starts_with("founding-")
        || kind.starts_with("enrolment-")
        || kind.starts_with("session-")
        || (kind.starts_with("request-") && kind != "request-previewed")
}

/// Whether nothing can open through this history any more. Whose keys count is asked for ever.
fn closes(event: &Event) -> bool {
    matches!(
        event,
        Event::RequestDenied { .. }
            | Event::RequestWithdrawn { .. }
            | Event::RequestLapsed { .. }
            | Event::RequestEnded { .. }
            | Event::SessionEnded { .. }
    )
}
