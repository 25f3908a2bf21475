//! A copy of the whole database while it is in use.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use locum_control::ports::{JournalMark, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::fault::Fault;
use crate::ledger;
use crate::open::SqliteOptions;
use crate::store::SqliteStore;

/// What a copy holds, read from the copy itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Entries of the ledger.
    pub entries: u64,
    /// The signed note over them; none before the founding.
    pub checkpoint: Option<String>,
    /// How far the recorder's records are in it.
    pub mark: Option<JournalMark>,
    /// The last step of its schema.
    pub schema: u32,
}

impl SqliteStore {
    /// Copies the database as of one commit into the new file `to`, durable when this returns. Commits go on
    /// meanwhile. The copy opens like any other store.
    ///
    /// # Errors
    /// When `to` exists already or cannot be written; what was written of it is taken away again.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_owned();
        self.readers
            .run(move |connection| new_copy(connection, &to).map(drop))
            .await
    }

    /// The same of a database that another process may have open, which goes on meanwhile. Blocks.
    ///
    /// # Errors
    /// As [`SqliteStore::backup`], and when there is no such database or it is not ours.
    pub fn copy(from: &Path, to: &Path) -> Result<Copied, StoreError> {
        let open = || -> Result<Connection, Fault> {
            // Readable and writable, for the index of the log may have to be made; nothing is written to the database.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(from, flags)?;
            connection.busy_timeout(SqliteOptions::default().busy)?;
            Ok(connection)
        };
        open()
            .and_then(|connection| new_copy(&connection, to))
            .map_err(StoreError::from)
    }
}

/// Copies into a new file, which is durable afterwards, name and all.
fn new_copy(from: &Connection, to: &Path) -> Result<Copied, Fault> {
    let unwritable =
        |error: std::io::Error| Fault::Unwritable(format!("`{}`: {error}", to.display()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(unwritable)?;
    let copied = copy(from, to).inspect_err(|_| {
        if let Err(error) = std::fs::remove_file(to) {
            tracing::warn!(path = %to.display(), %error, "a broken copy is left behind");
        }
    })?;
    let folder = to.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(unwritable)?;
    Ok(copied)
}

/// Copies in one step: one snapshot, and no beginning again when somebody commits.
fn copy(from: &Connection, to: &Path) -> Result<Copied, Fault> {
    let mut copy = Connection::open(to)?;
    let step = Backup::new(from, &mut copy)?.step(-1)?;
    if step != StepResult::Done {
        return Err(Fault::Unwritable(format!(
            "the copy was broken off: {step:?}"
        )));
    }
    // One file, without a log beside it that somebody could forget.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |row| {
        row.get::<_, String>(0)
    })?;
    Ok(Copied {
        entries: ledger::size(&copy)?,
        checkpoint: ledger::checkpoint(&copy)?,
        mark: ledger::mark(&copy)?,
        schema: copy.query_row(
            "SELECT coalesce(max(version), 0) FROM schema_version",
            [],
            |row| row.get(0),
        )?,
    })
}
