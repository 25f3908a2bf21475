//! Reading the ledger as somebody who does not trust the database it lies in.

use locum_domain::{
    Aggregate, Denial, Event, Happened, Recorded, Refusal, Request, RequestId, Session, SessionId,
    Stream, Timestamp,
};
use locum_evidence::FILING_LAG;
use locum_record::Entry;
use locum_tlog::{Hash, leaf_hash, verify_checkpoint, verify_inclusion};
use serde::Serialize;

use super::chains::Chains;
use super::head::History;
use super::missing::Missing;
use super::proofs::LedgerTiles;
use crate::control::{Control, unavailable};
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

/// The event of a row, after its payload was checked against its entry and its stream against its event.
pub(crate) fn open_row(row: &LedgerRow) -> Result<Recorded, RowFault> {
    let recorded = open_row_of(row)?;
    if !recorded.event.is_about(&row.stream) {
        return Err(RowFault::Form(row.position));
    }
    Ok(Recorded {
        stream: row.stream.clone(),
        ..recorded
    })
}

/// The same in the stream that the event itself names, whatever the table says.
pub(crate) fn open_row_of(row: &LedgerRow) -> Result<Recorded, RowFault> {
    let wrong = || RowFault::Form(row.position);
    let entry = Entry::parse(&row.entry).map_err(|_| wrong())?;
    let payload = row.payload();
    if !payload.opens(&entry) {
        return Err(RowFault::Payload(row.position));
    }
    let event = payload.event().map_err(|_| wrong())?;
    let event: Event = serde_json::from_slice(&event).map_err(|_| wrong())?;
    if event.kind() != entry.kind() {
        return Err(wrong());
    }
    let stream = event.stream().unwrap_or_else(|| row.stream.clone());
    let happened = Happened {
        stream,
        at: entry.at(),
        event,
    };
    Ok(happened.at_position(row.position))
}

impl Control {
    /// A request folded from its own ledger entries: what approvals and activations stand on.
    ///
    /// # Errors
    /// `not-found` when the ledger holds no such open request, whatever the tables say.
    pub(crate) async fn verified_request(&self, id: &RequestId) -> Result<Request, Refusal> {
        match self.verified(&Stream::Request(id.clone())).await? {
            Some(Aggregate::Request(request)) => Ok(*request),
            _ => Err(Denial::NotFound.because("the ledger holds no such open request")),
        }
    }

    /// A live session folded from its own ledger entries.
    ///
    /// # Errors
    /// `not-found` when the ledger holds no such live session, whatever the tables say.
    pub(crate) async fn verified_session(&self, id: &SessionId) -> Result<Session, Refusal> {
        match self.verified(&Stream::Session(id.clone())).await? {
            Some(Aggregate::Session(session)) => Ok(*session),
            _ => Err(Denial::NotFound.because("the ledger holds no such live session")),
        }
    }

    /// The state of an open history by its own ledger entries.
    ///
    /// # Errors
    /// `not-found` when the tables say something else than the ledger.
    pub(crate) async fn verified(&self, stream: &Stream) -> Result<Option<Aggregate>, Refusal> {
        Ok(self.verified_with_version(stream).await?.0)
    }

    /// The same with its version, counted as the store counts it: one more for each event that changes the state.
    ///
    /// # Errors
    /// As [`Control::verified`].
    pub(crate) async fn verified_with_version(
        &self,
        stream: &Stream,
    ) -> Result<(Option<Aggregate>, u64), Refusal> {
        let events = self.verified_events(stream).await?;
        let (mut state, mut version) = (None, 0);
        for event in &events {
            let after = Aggregate::evolve(state.clone(), event);
            version += u64::from(after != state);
            state = after;
        }
        Ok((state, version))
    }

    /// The events of an open history, each shown to be in the ledger.
    ///
    /// # Errors
    /// As [`Control::verified`].
    pub(crate) async fn verified_events(&self, stream: &Stream) -> Result<Vec<Recorded>, Refusal> {
        let history = self.sequencer.history(stream);
        let read = read_history(&*self.ports.store, &history, stream)
            .await
            .map_err(unavailable)?;
        read.map_err(|fault| {
            tracing::error!(%fault, %stream, "the database says what the ledger does not");
            Denial::NotFound.because("the ledger does not hold what the tables say")
        })
    }
}

/// The state of an open history, each of its entries shown to be in the tree.
pub(crate) async fn fold(
    store: &dyn Store,
    history: &History,
    stream: &Stream,
) -> Result<Result<Option<Aggregate>, RowFault>, StoreError> {
    let events = read_history(store, history, stream).await?;
    Ok(events.map(|events| events.iter().fold(None, Aggregate::evolve)))
}

/// The events of an open history, each of its entries shown to be in the tree.
pub(super) async fn read_history(
    store: &dyn Store,
    history: &History,
    stream: &Stream,
) -> Result<Result<Vec<Recorded>, RowFault>, StoreError> {
    let (tree, mut events) = (&history.tree, Vec::new());
    let mut tiles = LedgerTiles::at(store, tree.size());
    for position in &history.positions {
        let row = store.rows(*position, 1).await?.into_iter().next();
        let Some(row) = row.filter(|row| row.position == *position) else {
            return Ok(Err(RowFault::NotIncluded(*position)));
        };
        let proof = tiles.inclusion(*position).await;
        let leaf = leaf_hash(&row.entry);
        let is_included = proof.is_ok_and(|proof| {
            verify_inclusion(&proof, tree.size(), tree.root(), *position, leaf).is_ok()
        });
        if !is_included {
            return Ok(Err(RowFault::NotIncluded(*position)));
        }
        match open_row_of(&row) {
            Ok(recorded) if recorded.stream == *stream => events.push(recorded),
            Ok(_) => return Ok(Err(RowFault::Form(*position))),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(events))
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
    // The checkpoint first: what is committed while this reads is beyond it and left alone.
    let checkpoint = store.checkpoint().await?;
    let signed = match &checkpoint {
        None => None,
        Some(note) => match verify_checkpoint(note, key) {
            Ok(signed) => Some(signed),
            Err(error) => {
                faults.push(format!(
                    "the checkpoint is not signed by the ledger's key: {error}"
                ));
                None
            }
        },
    };
    let stored = store.size().await?;
    let size = signed.as_ref().map_or(stored, |signed| signed.size());
    let tree = read_back(store, size, &mut faults).await?;
    match &signed {
        Some(signed) if signed.root() == tree.root() => {}
        Some(_) => faults.push(format!(
            "the {size} entries do not have the root that was signed"
        )),
        None if tree.size() == 0 => {}
        None => faults.push("there is no signed checkpoint over these entries".to_owned()),
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

/// What is wrong with a row: its payload, its stream, or its place in its access event.
fn fault_of(row: &LedgerRow, chains: &mut Chains, leaf: Hash) -> Option<String> {
    let opened = open_row(row);
    let Ok(entry) = Entry::parse(&row.entry) else {
        return opened.err().map(|fault| fault.to_string());
    };
    match opened {
        Ok(recorded) => {
            let followed = chains.follow(&recorded, &entry, leaf);
            followed.err().map(|fault| fault.to_string())
        }
        Err(fault) => {
            // What it says of itself is still public, and the entries behind it hang on it.
            let counted = chains.count(row.position, &entry, leaf).err();
            let counted = counted
                .map(|fault| format!("; {fault}"))
                .unwrap_or_default();
            Some(format!("{fault}{counted}"))
        }
    }
}

/// That an event was filed long before the newest time on the record then: no period would be asked for it.
fn out_of_time(row: &LedgerRow, newest: &mut Option<Timestamp>) -> Option<String> {
    let entry = Entry::parse(&row.entry).ok()?;
    let before = newest.replace(entry.at().max(newest.unwrap_or(Timestamp::MIN)));
    let is_filing = entry.place().is_some_and(|place| place.nth() == 1);
    let latest = entry.at().saturating_add(FILING_LAG).ok()?;
    (is_filing && before.is_some_and(|before| latest < before)).then(|| {
        format!(
            "entry {} files an access event more than a minute before what stands before it",
            row.position
        )
    })
}

/// The tree over the first `size` entries, each payload opened on the way.
async fn read_back(
    store: &dyn Store,
    size: u64,
    faults: &mut Vec<String>,
) -> Result<locum_tlog::Tree, StoreError> {
    let (mut tree, mut chains) = (locum_tlog::Tree::new(), Chains::default());
    let mut newest = None;
    let mut missing = Missing::default();
    let mut position = 0;
    while position < size {
        let limit = u32::try_from(size - position)
            .unwrap_or(u32::MAX)
            .min(1_024);
        let rows = store.rows(position, limit).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.position != tree.size() {
                faults.push(format!("entry {} is missing", tree.size()));
            }
            let leaf = leaf_hash(&row.entry);
            faults.extend(fault_of(&row, &mut chains, leaf));
            faults.extend(out_of_time(&row, &mut newest));
            missing.see(&row);
            position = row.position.saturating_add(1);
            // The tiles are compared by whoever asked, by reading the tree back from them.
            let _full = tree.append(leaf);
        }
    }
    if store.opens_personal() {
        faults.extend(missing.faults());
    }
    if tree.size() < size {
        faults.push(format!(
            "{size} entries were signed and {} are here",
            tree.size()
        ));
    }
    Ok(tree)
}
