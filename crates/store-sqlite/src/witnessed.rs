//! Checkpoints that enough witnesses cosigned.

use rusqlite::{Connection, OptionalExtension as _};

use crate::fault::Fault;
use crate::number::signed;

/// Keeps one, in place of another of its size.
pub(crate) fn keep(connection: &Connection, size: u64, note: &str) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO witnessed (size, note) VALUES (?1, ?2)
             ON CONFLICT (size) DO UPDATE SET note = excluded.note",
        )?
        .execute((signed(size)?, note))?;
    Ok(())
}

/// The first one over at least `size` entries.
pub(crate) fn covering(connection: &Connection, size: u64) -> Result<Option<String>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT note FROM witnessed WHERE size >= ?1 ORDER BY size LIMIT 1")?;
    let note = statement.query_row((signed(size)?,), |row| row.get(0));
    Ok(note.optional()?)
}

/// The newest one.
pub(crate) fn newest(connection: &Connection) -> Result<Option<String>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT note FROM witnessed ORDER BY size DESC LIMIT 1")?;
    let note = statement.query_row([], |row| row.get(0));
    Ok(note.optional()?)
}
