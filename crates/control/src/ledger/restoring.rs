//! A restore on the record: the one entry that is written while no server runs, and what is read of earlier ones.

use std::sync::{Arc, Mutex, RwLock};

use locum_domain::{Event, Happened, Restoration, Stream, Timestamp};
use locum_tlog::{LedgerKey, VerifierKey};

use super::sealing::LedgerSealer;
use super::sequencer::{TakeUpError, take_up};
use super::verified::open_row;
use crate::ports::{Clock, ClockUntrusted, Commit, Entropy, Proposal, Rejected, Store, StoreError};

/// Why a restore is not on the record.
#[derive(Debug, thiserror::Error)]
pub enum RestoringError {
    #[error(transparent)]
    TakeUp(#[from] TakeUpError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error("the clock cannot be trusted: {0}")]
    Clock(#[from] ClockUntrusted),
}

/// The restores that a store tells of, in the order of the ledger. Each is what was recorded; that it is in the signed
/// tree is for whoever takes the ledger up.
///
/// # Errors
/// When the store gives no answer or holds something else than was recorded.
pub async fn restorations(store: &dyn Store) -> Result<Vec<Restoration>, StoreError> {
    let mut found = Vec::new();
    for row in store.history(&Stream::Restores).await? {
        let recorded = open_row(&row).map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
        if let Event::Restored { restoration } = recorded.event {
            found.push(*restoration);
        }
    }
    Ok(found)
}

/// Writes the restore as the next entry of a store that nobody serves, and signs for it with `key`: that of the origin
/// under which the ledger goes on. `before` verifies what is there.
///
/// # Errors
/// When the store is not what `before` signed, or does not take the entry.
pub async fn record_restoration(
    store: &dyn Store,
    before: &VerifierKey,
    key: Arc<LedgerKey>,
    clock: &dyn Clock,
    entropy: Arc<dyn Entropy>,
    restoration: impl FnOnce(Timestamp) -> Restoration,
) -> Result<(), RestoringError> {
    let head = take_up(store, before, clock).await?;
    let at = locum_record::instant::truncate(clock.now()?);
    let event = Event::Restored {
        restoration: Box::new(restoration(at)),
    };
    let proposal = Proposal {
        events: vec![Happened {
            stream: Stream::Restores,
            at,
            event,
        }],
        ..Proposal::default()
    };
    let sealer = LedgerSealer {
        tree: head.tree.clone(),
        head: Arc::new(RwLock::new(head)),
        key,
        entropy,
        grown: Arc::new(Mutex::new(None)),
    };
    let commit = Commit {
        proposals: vec![proposal],
        ..Commit::default()
    };
    let committed = store.commit(commit, Box::new(sealer)).await?;
    for outcome in committed.outcomes {
        outcome?;
    }
    Ok(())
}
