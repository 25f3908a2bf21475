//! Folding the whole ledger again: to see whether the states are what it says, and to make them so.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::ports::Versioned;
use locum_domain::{Aggregate, Stream};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::Value;

use crate::fault::Fault;
use crate::fold::{fold, recorded};
use crate::number::unsigned;
use crate::unclassified::Gathered;
use crate::{ledger, projection};

/// Folds beside the states, inside one snapshot, and answers the streams whose state differs.
pub(crate) fn differences(connection: &mut Connection) -> Result<Vec<String>, Fault> {
    let snapshot = connection.transaction()?;
    let (folded, gathered) = folded(&snapshot)?;
    let mut differing = compare(&snapshot, &folded)?;
    differing.extend(gathered.differing(&snapshot)?);
    Ok(differing)
}

/// Replaces every state by the folded one, and answers the streams whose state differed.
pub(crate) fn rebuild(connection: &mut Connection) -> Result<Vec<String>, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (folded, gathered) = folded(&transaction)?;
    let mut differing = compare(&transaction, &folded)?;
    differing.extend(gathered.differing(&transaction)?);
    transaction.execute_batch("DELETE FROM projection_key; DELETE FROM projection;")?;
    for (stream, seat) in &folded {
        if let Some(state) = &seat.state {
            projection::put(&transaction, stream, seat.version, state)?;
        }
    }
    gathered.replace(&transaction)?;
    transaction.commit()?;
    Ok(differing)
}

/// The states as the ledger says, row by row.
fn folded(connection: &Connection) -> Result<(BTreeMap<Stream, Versioned>, Gathered), Fault> {
    let sql = format!("{} ORDER BY e.position", ledger::ROW);
    let mut statement = connection.prepare(&sql)?;
    let mut states: BTreeMap<Stream, Versioned> = BTreeMap::new();
    let mut gathered = Gathered::default();
    let mut size = 0_u64;
    for row in statement.query_and_then([], ledger::row)? {
        let recorded = recorded(row?)?;
        if recorded.position != size {
            return Err(Fault::Corrupt(format!("the ledger has no position {size}")));
        }
        size = size.saturating_add(1);
        gathered.note(&recorded);
        let stream = recorded.stream.clone();
        let mut seat = states.remove(&stream).unwrap_or(Versioned {
            version: 0,
            state: None,
        });
        fold(&mut seat, &recorded);
        if seat.state.is_some() {
            states.insert(stream, seat);
        }
    }
    let signed = ledger::checkpoint_size(connection)?;
    if signed != size {
        return Err(Fault::Corrupt(format!(
            "the checkpoint is over {signed} entries, the ledger has {size}"
        )));
    }
    Ok((states, gathered))
}

/// The streams whose kept state, version or keys are not what was folded, on either side.
fn compare(
    transaction: &Transaction<'_>,
    folded: &BTreeMap<Stream, Versioned>,
) -> Result<Vec<String>, Fault> {
    let mut missing: BTreeMap<String, &Versioned> = folded
        .iter()
        .map(|(stream, seat)| (stream.to_string(), seat))
        .collect();
    let mut differing = orphans(transaction)?;
    let mut statement = transaction.prepare("SELECT kind, id, version, state FROM projection")?;
    let mut kept = statement.query([])?;
    while let Some(row) = kept.next()? {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let name = format!("{kind}/{id}");
        let is_same = match missing.remove(&name) {
            Some(Versioned {
                version,
                state: Some(state),
            }) => {
                unsigned(row.get(2)?)? == *version
                    && says(&row.get::<_, String>(3)?, state)
                    && keys(transaction, &kind, &id)? == wanted(state)
            }
            _ => false,
        };
        if !is_same {
            differing.insert(name);
        }
    }
    differing.extend(missing.into_keys());
    Ok(differing.into_iter().collect())
}

/// Whether a kept document says what `state` says. One that does not even read says something else.
fn says(document: &str, state: &Aggregate) -> bool {
    let kept: Option<Value> = serde_json::from_str(document).ok();
    kept.is_some() && kept == serde_json::to_value(state).ok()
}

fn wanted(state: &Aggregate) -> BTreeSet<(String, String)> {
    let keys = state.keys().into_iter();
    keys.map(|(key, value)| (key.to_owned(), value)).collect()
}

fn keys(
    connection: &Connection,
    kind: &str,
    id: &str,
) -> Result<BTreeSet<(String, String)>, Fault> {
    connection
        .prepare_cached("SELECT key, value FROM projection_key WHERE kind = ?1 AND id = ?2")?
        .query_and_then((kind, id), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Keys that lead to no state.
fn orphans(connection: &Connection) -> Result<BTreeSet<String>, Fault> {
    connection
        .prepare(
            "SELECT DISTINCT k.kind || '/' || k.id FROM projection_key k
             WHERE NOT EXISTS (SELECT 1 FROM projection p WHERE p.kind = k.kind AND p.id = k.id)",
        )?
        .query_and_then([], |row| Ok(row.get(0)?))?
        .collect()
}
