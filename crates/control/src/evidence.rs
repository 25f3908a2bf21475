//! Evidence: the access event as a story, and as a pack that an outsider checks alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use locum_domain::{Denial, EventId, Recorded, Refusal, Stream};
/// The story, for those who show it.
pub use locum_evidence::{AccessEvent, Accessed, ApplicationTold, TimelineLine};
use locum_evidence::{Pack, PackRow, is_link, needed, streams_needed, witnessed_sizes};
use locum_record::Entry;
use locum_tlog::{Hash, TilePath, encode_bundle, verify_checkpoint};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::{LedgerTiles, open_row};
use crate::ports::LedgerRow;
use crate::read;

/// The access event, told from its ledger entries. An auditor's look is one of them.
///
/// # Errors
/// `not-found` for what is not the caller's to see; `recorder-unavailable` when the store gives no answer or
/// holds something else than was recorded.
pub async fn access_event(
    control: &Control,
    caller: &Caller,
    id: &EventId,
) -> Result<AccessEvent, Refusal> {
    let rows = read::event_history(control, caller, id).await?;
    let events: Result<Vec<Recorded>, _> = rows.iter().map(open_row).collect();
    locum_evidence::story(&events.map_err(unavailable)?).map_err(unavailable)
}

/// The evidence pack of an access event, under the newest checkpoint that witnesses made final, or under the newest
/// there is when no final one is over all of it.
///
/// # Errors
/// As [`access_event`].
pub async fn pack(control: &Control, caller: &Caller, id: &EventId) -> Result<Vec<u8>, Refusal> {
    let rows = read::history_to_take(control, caller, id).await?;
    let checkpoint = checkpoint_over(control, &rows).await?;
    pack_of(control, rows, &checkpoint).await
}

/// The pack of these rows of one access event, as far as the checkpoint goes.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer or holds something else than was recorded.
pub(crate) async fn pack_of(
    control: &Control,
    rows: Vec<LedgerRow>,
    checkpoint: &str,
) -> Result<Vec<u8>, Refusal> {
    let rows = with_rules(control, rows).await?;
    let key = control.ledger_verifier().clone();
    let size = verify_checkpoint(checkpoint, &key)
        .map_err(unavailable)?
        .size();
    let positions = rows.iter().map(|row| row.position);
    let mut parts = HashMap::new();
    for path in needed(size, positions) {
        let bytes = part(control, size, &path).await?;
        parts.insert(path, bytes);
    }
    let consistency = consistency(control, size, &rows).await?;
    let rows = rows
        .into_iter()
        .filter(|row| row.position < size)
        .map(disclosed)
        .collect();
    Pack {
        key,
        checkpoint: checkpoint.to_owned(),
        rows,
        parts,
        consistency,
    }
    .build()
    .map_err(unavailable)
}

/// From each witnessed checkpoint that the rows carry, the proof to the tree of `size` entries.
async fn consistency(
    control: &Control,
    size: u64,
    rows: &[LedgerRow],
) -> Result<BTreeMap<u64, Vec<Hash>>, Refusal> {
    let events: Result<Vec<Recorded>, _> = rows.iter().map(open_row).collect();
    let sizes = witnessed_sizes(&events.map_err(unavailable)?);
    let mut proofs = BTreeMap::new();
    for old in sizes.into_iter().filter(|old| *old <= size) {
        let mut tiles = LedgerTiles::at(control.store(), size);
        let proof = tiles.consistency(old).await.map_err(unavailable)?;
        proofs.insert(old, proof);
    }
    Ok(proofs)
}

/// The checkpoint to put these rows under.
async fn checkpoint_over(control: &Control, rows: &[LedgerRow]) -> Result<String, Refusal> {
    let entries = rows.iter().map(|row| row.position + 1).max().unwrap_or(0);
    checkpoint_of(control, entries).await
}

/// The checkpoint over everything that is on the record by now.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub(crate) async fn newest_checkpoint(control: &Control) -> Result<String, Refusal> {
    let entries = control.store().size().await.map_err(unavailable)?;
    checkpoint_of(control, entries).await
}

async fn checkpoint_of(control: &Control, entries: u64) -> Result<String, Refusal> {
    let store = control.store();
    control.until_final(entries).await;
    let witnessed = store.newest_witnessed().await.map_err(unavailable)?;
    let covers = |note: &String| {
        let checkpoint = verify_checkpoint(note, control.ledger_verifier());
        checkpoint.is_ok_and(|checkpoint| checkpoint.size() >= entries)
    };
    if let Some(note) = witnessed.filter(covers) {
        return Ok(note);
    }
    let note = store.checkpoint().await.map_err(unavailable)?;
    note.ok_or_else(|| Denial::NotFound.because("nothing is recorded yet"))
}

/// The rows of an access event with those by which the signatures among them are followed to the founders: the
/// founding, and who let which key count.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer or holds something else than was recorded.
pub(crate) async fn with_links(
    control: &Control,
    mut rows: Vec<LedgerRow>,
) -> Result<Vec<LedgerRow>, Refusal> {
    let opened: Result<Vec<Recorded>, _> = rows.iter().map(open_row).collect();
    let mut events = opened.map_err(unavailable)?;
    let mut taken = BTreeSet::new();
    loop {
        let needed = streams_needed(&events);
        let more: Vec<_> = needed.difference(&taken).cloned().collect();
        if more.is_empty() {
            return Ok(rows);
        }
        for stream in more {
            let found = control.store().history(&stream).await;
            for row in found.map_err(unavailable)? {
                let recorded = open_row(&row).map_err(unavailable)?;
                if is_link(&recorded.event) {
                    events.push(recorded);
                    rows.push(row);
                }
            }
            taken.insert(stream);
        }
    }
}

/// With the rules that these decisions stand on: of each the newest before it.
async fn with_rules(
    control: &Control,
    mut rows: Vec<LedgerRow>,
) -> Result<Vec<LedgerRow>, Refusal> {
    let is_read = |row: &&LedgerRow| {
        let entry = Entry::parse(&row.entry);
        entry.is_ok_and(|entry| entry.kind() == "facts-read")
    };
    let decisions = rows.iter().filter(is_read).map(|row| row.position);
    let decisions: BTreeSet<u64> = decisions.collect();
    if decisions.is_empty() {
        return Ok(rows);
    }
    let rules = control.store().history(&Stream::Rules).await;
    let rules = rules.map_err(unavailable)?;
    let newest = |decision: &u64| {
        let before = rules.iter().filter(|row| row.position < *decision);
        before.map(|row| row.position).max()
    };
    let wanted: BTreeSet<u64> = decisions.iter().filter_map(newest).collect();
    let stood_on = rules.into_iter();
    rows.extend(stood_on.filter(|row| wanted.contains(&row.position)));
    rows.sort_by_key(|row| row.position);
    Ok(rows)
}

fn disclosed(row: LedgerRow) -> PackRow {
    PackRow {
        position: row.position,
        stream: row.stream,
        salt: row.salt,
        body: row.body,
        personal: row.personal,
    }
}

/// A tile or an entry bundle of the ledger's first `size` entries, as the log serves it.
pub(crate) async fn part(
    control: &Control,
    size: u64,
    path: &TilePath,
) -> Result<Vec<u8>, Refusal> {
    let store = control.store();
    let bytes = match path {
        TilePath::Entries { index, width } => {
            let from = index.saturating_mul(256);
            let entries = store
                .entries(from, u32::from(*width))
                .await
                .map_err(unavailable)?;
            Some(encode_bundle(entries.iter().map(Vec::as_slice)).map_err(unavailable)?)
        }
        TilePath::Hashes {
            level,
            index,
            width,
        } => LedgerTiles::at(store, size)
            .tile(*level, *index, *width)
            .await
            .map_err(unavailable)?,
    };
    bytes.ok_or_else(|| unavailable(format!("`{path}` is missing")))
}
