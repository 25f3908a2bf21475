//! Conditions that must hold inside the transaction.

use locum_control::ports::{Guard, Rejected};
use rusqlite::Connection;

use super::states::States;
use crate::fault::Fault;
use crate::projection;

/// Tries every guard and changes nothing. The outer error is no answer; the inner one is a no.
pub(super) fn hold(
    states: &mut States<'_>,
    guards: &[Guard],
) -> Result<Result<(), Rejected>, Fault> {
    for guard in guards {
        if let Some(rejected) = tried(states, guard)? {
            return Ok(Err(rejected));
        }
    }
    Ok(Ok(()))
}

fn tried(states: &mut States<'_>, guard: &Guard) -> Result<Option<Rejected>, Fault> {
    match guard {
        Guard::Version { stream, version } => {
            let holds = states.of(stream)?.version == *version;
            Ok((!holds).then(|| Rejected::Changed(stream.to_string())))
        }
        Guard::AtMost {
            kind,
            key,
            value,
            most,
        } => {
            let (connection, vault) = (states.connection(), states.vault());
            let count = projection::count(connection, vault, kind, key, value, *most)?;
            Ok((count > *most).then(|| Rejected::TooMany {
                kind,
                key,
                value: value.clone(),
                most: *most,
            }))
        }
        Guard::Unseen {
            connector,
            delivery,
        } => {
            let was_seen: bool = states
                .connection()
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM delivery WHERE connector = ?1 AND delivery = ?2)",
                )?
                .query_row((connector, delivery), |row| row.get(0))?;
            Ok(was_seen.then_some(Rejected::Seen))
        }
    }
}

/// Remembers the deliveries of a proposal that was taken.
pub(super) fn see_deliveries(connection: &Connection, guards: &[Guard]) -> Result<(), Fault> {
    for guard in guards {
        if let Guard::Unseen {
            connector,
            delivery,
        } = guard
        {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO delivery (connector, delivery) VALUES (?1, ?2)",
                )?
                .execute((connector, delivery))?;
        }
    }
    Ok(())
}
