//! Reading the ledger as somebody who does not trust the database it lies in.

use locum_domain::{Aggregate, Event, Happened, Recorded, Request, RequestId, Stream};
use locum_record::{Entry, Payload};
use locum_tlog::{leaf_hash, verify_checkpoint, verify_inclusion};
use serde::Serialize;

use super::proofs::LedgerTiles;
use crate::Control;
use crate::ports::{LedgerRow, Store, StoreError};

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RowFault {
    #[error("entry {0} is not in canonical form")]
    Form(u64),
    #[error("the payload of entry {0} is not the one that was recorded")]
    Payload(u64),
    #[error("entry {0} is not in the ledger")]
    NotIncluded(u64),
}

/// The event of a row, after its payload was checked against its entry.
pub(crate) fn open_row(row: &LedgerRow) -> Result<Recorded, RowFault> {
    let entry = Entry::parse(&row.entry).map_err(|_| RowFault::Form(row.position))?;
    let payload = Payload {
        salt: row.salt,
        body: row.body.clone(),
    };
    if !payload.opens(&entry) {
        return Err(RowFault::Payload(row.position));
    }
    let event: Event =
        serde_json::from_slice(&row.body).map_err(|_| RowFault::Form(row.position))?;
    if event.kind() != entry.kind() || !event.is_about(&row.stream) {
        return Err(RowFault::Form(row.position));
    }
    let happened = Happened {
        stream: row.stream.clone(),
        at: entry.at(),
        event,
    };
    Ok(happened.at_position(row.position))
}

/// A request folded from its own ledger rows, each shown to be in the signed tree: what activation stands on.
/// `Ok(None)` when the record does not hold such a request, whatever the tables say.
pub(crate) async fn verified_request(
    control: &Control,
    id: &RequestId,
) -> Result<Option<Request>, StoreError> {
    let store = &*control.ports.store;
    let tree = control.sequencer.tree();
    let mut tiles = LedgerTiles::at(store, tree.size());
    let mut state = None;
    for row in store.history(&Stream::Request(id.clone())).await? {
        if row.position >= tree.size() {
            continue;
        }
        let proof = tiles.inclusion(row.position).await;
        let is_included = proof.is_ok_and(|proof| {
            let leaf = leaf_hash(&row.entry);
            verify_inclusion(&proof, tree.size(), tree.root(), row.position, leaf).is_ok()
        });
        let recorded = open_row(&row);
        let fault = match (&recorded, is_included) {
            (_, false) => Some(RowFault::NotIncluded(row.position)),
            (Err(fault), true) => Some(fault.clone()),
            (Ok(_), true) => None,
        };
        if let Some(fault) = fault {
            tracing::error!(%fault, request = %id, "the database says what the ledger does not");
            return Ok(None);
        }
        if let Ok(recorded) = recorded {
            state = Aggregate::evolve(state, &recorded);
        }
    }
    Ok(match state {
        Some(Aggregate::Request(request)) => Some(*request),
        _ => None,
    })
}

/// What `locum ledger verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerFindings {
    pub entries: u64,
    pub checkpoint: Option<String>,
    /// Sentences; empty when state, entries and signed checkpoint agree.
    pub faults: Vec<String>,
}

/// Reads the whole ledger, recomputes its root, opens every payload, and compares the tables with the fold.
///
/// # Errors
/// When the store gives no answer.
pub async fn verify_ledger(
    store: &dyn Store,
    key: &locum_tlog::VerifierKey,
) -> Result<LedgerFindings, StoreError> {
    let mut faults = Vec::new();
    let mut tree = locum_tlog::Tree::new();
    loop {
        let rows = store.rows(tree.size(), 1_024).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.position != tree.size() {
                faults.push(format!("entry {} is missing", tree.size()));
            }
            if let Err(fault) = open_row(&row) {
                faults.push(fault.to_string());
            }
            // The tiles are compared below, by reading the tree back from them.
            let _full = tree.append(leaf_hash(&row.entry));
        }
    }
    let size = store.size().await?;
    if size != tree.size() {
        faults.push(format!(
            "the store counts {size} entries and has {}",
            tree.size()
        ));
    }
    let checkpoint = store.checkpoint().await?;
    match &checkpoint {
        Some(note) => match verify_checkpoint(note, key) {
            Ok(signed) if signed.size() == tree.size() && signed.root() == tree.root() => {}
            Ok(signed) => faults.push(format!(
                "the signed checkpoint of {} entries does not match the {} entries here",
                signed.size(),
                tree.size()
            )),
            Err(error) => faults.push(format!(
                "the checkpoint is not signed by the ledger's key: {error}"
            )),
        },
        None if tree.size() == 0 => {}
        None => faults.push("there is no signed checkpoint".to_owned()),
    }
    match LedgerTiles::at(store, tree.size()).tree().await {
        Ok(from_tiles) if from_tiles.root() == tree.root() => {}
        Ok(_) => faults.push("the tiles do not have the root of the entries".to_owned()),
        Err(error) => faults.push(format!("the tiles cannot be read: {error}")),
    }
    for stream in store.differences().await? {
        faults.push(format!("the tables differ from the ledger at {stream}"));
    }
    Ok(LedgerFindings {
        entries: tree.size(),
        checkpoint,
        faults,
    })
}
