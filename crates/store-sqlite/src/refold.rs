//! Folding the whole ledger again: to see whether the states are what it says, and to make them so.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::ports::Versioned;
use locum_domain::{Aggregate, Stream, Whose};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::Value;

use crate::fault::Fault;
use crate::fold::{fold, recorded};
use crate::projection::Kept;
use crate::sealed::{Keys, Owner, key_value, owner};
use crate::unclassified::Gathered;
use crate::vault::Vault;
use crate::{ledger, projection};

/// Folds beside the states, inside one snapshot, and answers the streams whose state differs.
pub(crate) fn differences(
    connection: &mut Connection,
    vault: Option<&Vault>,
) -> Result<Vec<String>, Fault> {
    let snapshot = connection.transaction()?;
    let (folded, gathered) = folded(&snapshot, vault)?;
    let mut differing = compare(&snapshot, vault, &folded)?;
    differing.extend(gathered.differing(&snapshot)?);
    Ok(differing)
}

/// Replaces every state by the folded one, and answers the streams whose state differed.
pub(crate) fn rebuild(
    connection: &mut Connection,
    vault: Option<&Vault>,
) -> Result<Vec<String>, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (folded, gathered) = folded(&transaction, vault)?;
    let mut differing = compare(&transaction, vault, &folded)?;
    differing.extend(gathered.differing(&transaction)?);
    transaction.execute_batch("DELETE FROM projection_key; DELETE FROM projection;")?;
    let mut keys = Keys::new(vault, &transaction);
    for (stream, seat) in &folded {
        if let Some(state) = &seat.state {
            let owner = owner_in(&folded, stream, state)?;
            let state = (state, &owner);
            projection::put(&transaction, vault, &mut keys, stream, seat.version, state)?;
        }
    }
    drop(keys);
    gathered.replace(&transaction)?;
    transaction.commit()?;
    Ok(differing)
}

/// Folds these streams again in place, and what is gathered from refused requests, as [`rebuild`] would.
pub(crate) fn again(
    connection: &Connection,
    vault: &Vault,
    streams: &BTreeSet<Stream>,
) -> Result<(), Fault> {
    let vault = Some(vault);
    let mut keys = Keys::new(vault, connection);
    let mut folded_again: BTreeMap<Stream, Versioned> = BTreeMap::new();
    for stream in streams {
        let mut seat = Versioned {
            version: 0,
            state: None,
        };
        for row in ledger::history(connection, vault, stream)? {
            fold(&mut seat, &recorded(row)?);
        }
        folded_again.insert(stream.clone(), seat);
    }
    for (stream, seat) in &folded_again {
        if let Some(state) = &seat.state {
            let owner = owner(stream, Some(state), |session| {
                match folded_again.get(session) {
                    Some(seat) => Ok(seat.state.clone()),
                    None => Ok(projection::load(connection, vault, session)?.state),
                }
            })?;
            let state = (state, &owner);
            projection::put(connection, vault, &mut keys, stream, seat.version, state)?;
        }
    }
    if streams.is_empty() {
        return Ok(());
    }
    let mut gathered = Gathered::default();
    let sql = format!(
        "{} WHERE instr(e.entry, CAST('\"kind\":\"access-refused\"' AS BLOB)) > 0 ORDER BY e.position",
        ledger::ROW
    );
    let mut statement = connection.prepare(&sql)?;
    for row in statement.query_and_then([], |row| ledger::row(&mut keys, row))? {
        gathered.note(&recorded(row?)?);
    }
    gathered.replace(connection)
}

/// The states as the ledger says, row by row.
fn folded(
    connection: &Connection,
    vault: Option<&Vault>,
) -> Result<(BTreeMap<Stream, Versioned>, Gathered), Fault> {
    let mut keys = Keys::new(vault, connection);
    let sql = format!("{} ORDER BY e.position", ledger::ROW);
    let mut statement = connection.prepare(&sql)?;
    let mut states: BTreeMap<Stream, Versioned> = BTreeMap::new();
    let mut gathered = Gathered::default();
    let mut size = 0_u64;
    for row in statement.query_and_then([], |row| ledger::row(&mut keys, row))? {
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
    vault: Option<&Vault>,
    folded: &BTreeMap<Stream, Versioned>,
) -> Result<Vec<String>, Fault> {
    let mut missing: BTreeMap<String, &Versioned> = folded
        .iter()
        .map(|(stream, seat)| (stream.to_string(), seat))
        .collect();
    let mut differing = orphans(transaction)?;
    let mut opening = Keys::new(vault, transaction);
    let mut statement = transaction
        .prepare("SELECT kind, id, version, state, subject_key, sealed FROM projection")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let name = format!("{kind}/{id}");
        let kept = Kept::read(row, 2)?;
        let folded = missing.remove(&name);
        // Without the payload key nobody sees what is sealed, nor by which keyed hashes it is found.
        let is_personal = |seat: &&Versioned| {
            let state = seat.state.as_ref();
            state.is_some_and(|state| state.whose() != Whose::Nobodys)
        };
        if vault.is_none() && folded.is_some_and(|seat| is_personal(&seat)) {
            continue;
        }
        let is_same = match folded {
            Some(Versioned {
                version,
                state: Some(state),
            }) => {
                kept.version()? == *version
                    // What does not open says something else, whoever put it there.
                    && kept
                        .document(&mut opening, &name)
                        .is_ok_and(|document| says(&document, state))
                    && keys(transaction, &kind, &id)? == wanted(vault, state)?
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

fn wanted(vault: Option<&Vault>, state: &Aggregate) -> Result<BTreeSet<(String, String)>, Fault> {
    let keys = state.keys().into_iter();
    keys.map(|(key, value)| Ok((key.to_owned(), key_value(vault, key, &value)?)))
        .collect()
}

/// Whose a folded state is.
fn owner_in(
    folded: &BTreeMap<Stream, Versioned>,
    stream: &Stream,
    state: &Aggregate,
) -> Result<Owner, Fault> {
    owner(stream, Some(state), |session| {
        Ok(folded.get(session).and_then(|seat| seat.state.clone()))
    })
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
