//! Erasing: a subject's key is destroyed, and everything that was made from what it sealed is made again without.
//!
//! Order: inside the transaction of the commit that records the erasure the key, the sealed values, the states and the
//! kept answers go; after it the key's id is written beside the database, synced, and the write-ahead log is emptied, so
//! that no older page is left in it. A crash in between: the next opening does the rest.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use locum_domain::Stream;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::fault::Fault;
use crate::vault::{KeyId, Vault};
use crate::{idempotency, refold};

/// Erases what is sealed under the key of this subject, if it has one.
pub(crate) fn erase(
    connection: &Connection,
    vault: Option<&Vault>,
    subject: &str,
) -> Result<(), Fault> {
    let none = || Fault::Unwritable("nothing is erased without the payload key".to_owned());
    let vault = vault.ok_or_else(none)?;
    let found = vault.find(connection, subject)?;
    let ids = found.map(|key| key.id).into_iter().collect();
    destroy(connection, vault, &ids, Some(subject))
}

/// Destroys keys by their ids, and makes anew what was made from what they sealed.
fn destroy(
    connection: &Connection,
    vault: &Vault,
    ids: &BTreeSet<KeyId>,
    subject: Option<&str>,
) -> Result<(), Fault> {
    let mut streams: BTreeSet<Stream> = BTreeSet::new();
    for id in ids {
        streams.extend(sealed_under(connection, *id)?);
        connection.execute("DELETE FROM subject_key WHERE id = ?1", (id,))?;
        connection.execute("INSERT OR IGNORE INTO erased_key (id) VALUES (?1)", (id,))?;
        connection.execute(
            "UPDATE payload SET personal = NULL, subject_key = NULL WHERE subject_key = ?1",
            (id,),
        )?;
    }
    idempotency::forget(connection, vault, &streams, subject)?;
    refold::again(connection, vault, &streams)
}

/// The streams that hold something under this key.
fn sealed_under(connection: &Connection, id: KeyId) -> Result<Vec<Stream>, Fault> {
    connection
        .prepare(
            "SELECT DISTINCT e.stream_kind || '/' || e.stream_id FROM payload p
             JOIN entry e ON e.position = p.position WHERE p.subject_key = ?1
             UNION SELECT kind || '/' || id FROM projection WHERE subject_key = ?1",
        )?
        .query_and_then((id,), |row| {
            let name: String = row.get(0)?;
            name.parse().map_err(Fault::Corrupt)
        })?
        .collect()
}

/// Remembers beside the database which keys are gone, and erases again what an older copy of it brought back.
pub(crate) fn reapply(
    connection: &mut Connection,
    vault: &Vault,
    beside: &Path,
) -> Result<(), Fault> {
    let remembered = read(beside)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut back = BTreeSet::new();
    for id in &remembered {
        let is_back: Option<i64> = transaction
            .query_row("SELECT 1 FROM subject_key WHERE id = ?1", (id,), |row| {
                row.get(0)
            })
            .optional()?;
        if is_back.is_some() {
            back.insert(*id);
        }
        transaction.execute("INSERT OR IGNORE INTO erased_key (id) VALUES (?1)", (id,))?;
    }
    if !back.is_empty() {
        destroy(&transaction, vault, &back, None)?;
    }
    transaction.commit()?;
    finish(connection, Some(beside))?;
    if !back.is_empty() {
        tracing::warn!(
            keys = back.len(),
            "an older copy brought erased data back; it was erased again"
        );
    }
    Ok(())
}

/// What is left to do once an erasure is committed: its keys' ids beside the database, and an empty log.
pub(crate) fn finish(connection: &Connection, beside: Option<&Path>) -> Result<(), Fault> {
    if let Some(beside) = beside {
        let remembered = read(beside)?;
        let gone = connection
            .prepare("SELECT id FROM erased_key ORDER BY id")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<BTreeSet<KeyId>, _>>()?;
        append(beside, gone.difference(&remembered))?;
    }
    let is_busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_busy != 0 {
        tracing::error!(
            "the write-ahead log could not be emptied after an erasure; the next start does it"
        );
    }
    Ok(())
}

fn unusable(path: &Path) -> impl Fn(std::io::Error) -> Fault {
    move |error| Fault::Unwritable(format!("`{}`: {error}", path.display()))
}

/// The ids that the file lists, a line of hexadecimal each. None when there is no file yet.
fn read(path: &Path) -> Result<BTreeSet<KeyId>, Fault> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(unusable(path)(error)),
    };
    let mut ids = BTreeSet::new();
    for line in text.lines() {
        let mut id = KeyId::default();
        // A line that a crash cut short is written again whole; one that says anything else is nobody's to guess.
        match hex::decode_to_slice(line, &mut id) {
            Ok(()) => ids.insert(id),
            Err(_) if line.len() < 32 => continue,
            Err(_) => {
                let what = format!("`{}` holds a line that is no key's id", path.display());
                return Err(Fault::Corrupt(what));
            }
        };
    }
    Ok(ids)
}

fn append<'i>(path: &Path, ids: impl Iterator<Item = &'i KeyId>) -> Result<(), Fault> {
    let lines: String = ids.map(|id| format!("\n{}", hex::encode(id))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let unusable = unusable(path);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(&unusable)?;
    // The line feed comes first: a line that a crash cut short does not run into the next.
    file.write_all(format!("{lines}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(&unusable)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(&unusable)
}
