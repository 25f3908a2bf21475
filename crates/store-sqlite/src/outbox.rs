//! Work owed to connectors, from the commit that owes it until somebody has done it.

use jiff::Timestamp;
use locum_control::ports::{OutboxItem, OutboxTask};
use rusqlite::{Connection, TransactionBehavior};

use crate::fault::Fault;

/// Owes `item`.
pub(crate) fn owe(connection: &Connection, item: &OutboxItem) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO outbox (kind, body, due) VALUES (?1, ?2, ?3)")?
        .execute((&item.kind, item.body.to_string(), item.due.as_microsecond()))?;
    Ok(())
}

/// Claims what is due, longest due first. A claim only moves the due time to `until`: a worker that dies leaves
/// nothing to clean up.
pub(crate) fn claim(
    connection: &mut Connection,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<OutboxTask>, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tasks = transaction
        .prepare_cached(
            "SELECT id, kind, body, attempts + 1 FROM outbox
             WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
        )?
        .query_and_then((now.as_microsecond(), limit), |row| {
            let id = row.get(0)?;
            let body: String = row.get(2)?;
            let body = serde_json::from_str(&body).map_err(|error| {
                Fault::Corrupt(format!("outbox row {id} does not read: {error}"))
            })?;
            Ok(OutboxTask {
                id,
                kind: row.get(1)?,
                body,
                attempts: row.get(3)?,
            })
        })?
        .collect::<Result<Vec<_>, Fault>>()?;
    {
        let mut take = transaction
            .prepare_cached("UPDATE outbox SET due = ?2, attempts = ?3 WHERE id = ?1")?;
        for task in &tasks {
            take.execute((task.id, until.as_microsecond(), task.attempts))?;
        }
    }
    transaction.commit()?;
    Ok(tasks)
}

/// Takes a row out.
pub(crate) fn complete(connection: &Connection, id: i64) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE id = ?1")?
        .execute((id,))?;
    Ok(())
}

/// Puts a row back until `due`.
pub(crate) fn postpone(connection: &Connection, id: i64, due: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE outbox SET due = ?2 WHERE id = ?1")?
        .execute((id, due.as_microsecond()))?;
    Ok(())
}
