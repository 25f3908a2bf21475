//! The ledger's tables: entries, payloads, tiles, the checkpoint and the journal's mark.

use locum_control::ports::{JournalMark, LedgerRow, Sealed};
use locum_domain::Stream;
use locum_record::Personal;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::fault::Fault;
use crate::number::{signed, unsigned};
use crate::sealed::{Keys, Owner};
use crate::vault::{KeyId, Vault};

/// Columns of a whole row. The join is a left one: a row that lost its payload must not go unseen.
pub(crate) const ROW: &str =
    "SELECT e.position, e.entry, e.stream_kind, e.stream_id, p.salt, p.body, p.personal_digest, p.subject_key, p.personal
    FROM entry e LEFT JOIN payload p ON p.position = e.position";

/// Reads what [`ROW`] selects.
pub(crate) fn row(keys: &mut Keys<'_>, row: &Row<'_>) -> Result<LedgerRow, Fault> {
    let position = unsigned(row.get(0)?)?;
    let kind: String = row.get(2)?;
    let id: String = row.get(3)?;
    let stream = format!("{kind}/{id}")
        .parse::<Stream>()
        .map_err(|error| Fault::Corrupt(format!("position {position} has no stream: {error}")))?;
    let digest: Option<[u8; 32]> = row.get(6)?;
    let sealed = row
        .get::<_, Option<KeyId>>(7)?
        .zip(row.get::<_, Option<Vec<u8>>>(8)?);
    let personal = digest.map(|digest| keys.open_values(position, digest, sealed));
    Ok(LedgerRow {
        position,
        entry: row.get(1)?,
        stream,
        salt: row.get(4)?,
        body: row.get(5)?,
        personal: personal.transpose()?,
    })
}

/// The number of entries.
pub(crate) fn size(connection: &Connection) -> Result<u64, Fault> {
    let size = connection
        .prepare_cached("SELECT coalesce(max(position) + 1, 0) FROM entry")?
        .query_row([], |row| row.get(0))?;
    unsigned(size)
}

/// Rows from `from` on.
pub(crate) fn rows(
    connection: &Connection,
    vault: Option<&Vault>,
    from: u64,
    limit: u32,
) -> Result<Vec<LedgerRow>, Fault> {
    let sql = format!("{ROW} WHERE e.position >= ?1 ORDER BY e.position LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut keys = Keys::new(vault, connection);
    statement
        .query_and_then((signed(from)?, limit), |found| row(&mut keys, found))?
        .collect()
}

/// The rows of one stream.
pub(crate) fn history(
    connection: &Connection,
    vault: Option<&Vault>,
    stream: &Stream,
) -> Result<Vec<LedgerRow>, Fault> {
    let sql = format!("{ROW} WHERE e.stream_kind = ?1 AND e.stream_id = ?2 ORDER BY e.position");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut keys = Keys::new(vault, connection);
    statement
        .query_and_then((stream.kind(), stream.id()), |found| row(&mut keys, found))?
        .collect()
}

/// The entries' bytes from `from` on.
pub(crate) fn entries(
    connection: &Connection,
    from: u64,
    limit: u32,
) -> Result<Vec<Vec<u8>>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT entry FROM entry WHERE position >= ?1 ORDER BY position LIMIT ?2",
    )?;
    statement
        .query_and_then((signed(from)?, limit), |row| Ok(row.get(0)?))?
        .collect()
}

/// One full tile.
pub(crate) fn full_tile(
    connection: &Connection,
    level: u8,
    index: u64,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT bytes FROM tile WHERE level = ?1 AND \"index\" = ?2")?;
    Ok(statement
        .query_row((level, signed(index)?), |row| row.get(0))
        .optional()?)
}

/// The newest checkpoint.
pub(crate) fn checkpoint(connection: &Connection) -> Result<Option<String>, Fault> {
    let mut statement = connection.prepare_cached("SELECT note FROM checkpoint")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// How many entries the newest checkpoint is over.
pub(crate) fn checkpoint_size(connection: &Connection) -> Result<u64, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT coalesce(max(size), 0) FROM checkpoint")?;
    unsigned(statement.query_row([], |row| row.get(0))?)
}

/// How far the journal was sequenced.
pub(crate) fn mark(connection: &Connection) -> Result<Option<JournalMark>, Fault> {
    let mut statement = connection.prepare_cached("SELECT segment, offset FROM mark")?;
    let found = statement
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found
        .map(|(segment, offset)| {
            Ok(JournalMark {
                segment: unsigned(segment)?,
                offset: unsigned(offset)?,
            })
        })
        .transpose()
}

/// Adds what was sealed. `owners` says for each row under whose key its personal values go.
pub(crate) fn append(
    connection: &Connection,
    keys: &mut Keys<'_>,
    sealed: &Sealed,
    owners: &[Owner],
    size: u64,
) -> Result<(), Fault> {
    let mut entry = connection.prepare_cached(
        "INSERT INTO entry (position, entry, stream_kind, stream_id) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let mut payload = connection.prepare_cached(
        "INSERT INTO payload (position, salt, body, personal_digest, subject_key, personal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (row, owner) in sealed.rows.iter().zip(owners) {
        let position = signed(row.position)?;
        entry.execute((position, &row.entry, row.stream.kind(), row.stream.id()))?;
        let digest = row.personal.as_ref().map(Personal::digest).transpose();
        let digest = digest.map_err(|error| Fault::Unwritable(error.to_string()))?;
        let half = match (&row.personal, owner) {
            (Some(Personal::Known(values)), Owner::Of(owner)) => {
                Some(keys.seal_values(owner, row.position, values)?)
            }
            _ => None,
        };
        let (key, half) = half.unzip();
        payload.execute((position, row.salt, &row.body, digest, key, half))?;
    }
    let mut full = connection
        .prepare_cached("INSERT INTO tile (level, \"index\", bytes) VALUES (?1, ?2, ?3)")?;
    for tile in &sealed.tiles {
        full.execute((tile.level, signed(tile.index)?, &tile.bytes))?;
    }
    connection
        .prepare_cached(
            "INSERT INTO checkpoint (only, size, note) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET size = excluded.size, note = excluded.note",
        )?
        .execute((signed(size)?, &sealed.checkpoint))?;
    Ok(())
}

/// Moves the journal's mark.
pub(crate) fn set_mark(connection: &Connection, mark: JournalMark) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO mark (only, segment, offset) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET segment = excluded.segment, offset = excluded.offset",
        )?
        .execute((signed(mark.segment)?, signed(mark.offset)?))?;
    Ok(())
}
