//! Opening the database: lock, schema, the connection that writes and those that read.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::erase;
use crate::fault::Fault;
use crate::lock::ProcessLock;
use crate::migrate::{MIGRATIONS, migrate};
use crate::readers::Readers;
use crate::store::SqliteStore;
use crate::vault::{PayloadKey, Vault};
use crate::writer::Writer;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "`{database}` is in use by another process, which holds `{lock}`",
        database = .database.display(),
        lock = .lock.display()
    )]
    InUse { database: PathBuf, lock: PathBuf },
    #[error("`{path}` cannot be opened", path = .path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the database has schema {found}, this program knows up to {known}")]
    NewerSchema { found: u32, known: u32 },
    #[error("schema step {version} (`{name}`) was changed after it made this database")]
    ChangedMigration { version: u32, name: &'static str },
    #[error("the database has the table `{table}` and is not a store of ours")]
    Foreign { table: String },
    #[error("the database keeps a `{0}` journal, not a write-ahead log")]
    NoWriteAheadLog(String),
    #[error(
        "the database holds personal data sealed under a payload key that is not here: put `payload.key` back into the \
         folder of keys, or nobody reads that data again"
    )]
    NoPayloadKey,
    #[error(
        "the database was made with another payload key than the one given: put the right `payload.key` back into the \
         folder of keys"
    )]
    OtherPayloadKey,
    #[error("{0}")]
    Erased(String),
    #[error("the database cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
}

/// What an operator may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Connections for reading.
    pub readers: u8,
    /// How long to wait for somebody who reads the file from outside.
    pub busy: Duration,
    /// What wraps the subjects' keys. Without it a database that holds personal data is not opened.
    pub payload_key: Option<PayloadKey>,
    /// The file, outside the database and its folder, that remembers which keys were erased. What an older copy of the
    /// database brings back is erased again when it is opened.
    pub erased: Option<PathBuf>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 3,
            busy: Duration::from_secs(5),
            payload_key: None,
            erased: None,
        }
    }
}

impl SqliteOptions {
    /// The usual, with the key that personal data is sealed with.
    #[must_use]
    pub fn sealing(payload_key: PayloadKey) -> Self {
        Self {
            payload_key: Some(payload_key),
            ..Self::default()
        }
    }
}

/// Prepared statements kept per connection: more than this crate has.
const STATEMENTS: usize = 64;

impl SqliteStore {
    /// Opens the database at `path`, and makes it when it is not there (readable by its owner only).
    ///
    /// # Errors
    /// When another process has it open, its schema is not ours, or the file cannot be used.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::File {
            path: path.to_owned(),
            source,
        };
        // Made here and not by SQLite: the log and its index take over the permissions.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(unusable)?;
        // The lock stands beside the file itself, whatever links lead to it.
        let path = path.canonicalize().map_err(unusable)?;
        let lock = ProcessLock::take(&path)?;
        let name = path.as_path();
        let writer = Connection::open_with_flags(
            name,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let mode: String = writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(OpenError::NoWriteAheadLog(mode));
        }
        let reader = || Connection::open_with_flags(name, reading());
        Self::assemble(writer, reader, options, Some(lock))
    }

    /// A store in memory, gone with its last handle. For tests and rehearsals: nothing is durable.
    ///
    /// # Errors
    /// When SQLite cannot make one.
    pub fn in_memory() -> Result<Self, OpenError> {
        let (name, writer) = Self::memory()?;
        let reader = || Connection::open_with_flags(&name, reading() | OpenFlags::SQLITE_OPEN_URI);
        let payload_key = PayloadKey::generate().map_err(|source| OpenError::File {
            path: PathBuf::from("the payload key"),
            source,
        })?;
        Self::assemble(writer, reader, SqliteOptions::sealing(payload_key), None)
    }

    fn memory() -> Result<(String, Connection), OpenError> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        // The leading slash lets connections of this process share it.
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("file:/locum-{number}?vfs=memdb");
        let connection = Connection::open_with_flags(
            &name,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        Ok((name, connection))
    }

    /// What a database holds as of one commit, copied into memory: for looking at a store that another process
    /// has open. Nothing is written to the database. Personal values are not seen: they say that they are erased.
    ///
    /// # Errors
    /// When there is no such database or it is not ours.
    pub fn snapshot(path: &Path) -> Result<Self, OpenError> {
        Self::snapshot_with(path, None)
    }

    /// The same, with the key to what is sealed.
    ///
    /// # Errors
    /// As [`SqliteStore::snapshot`], and when it is another key.
    pub fn snapshot_with(path: &Path, key: Option<PayloadKey>) -> Result<Self, OpenError> {
        let path = path.canonicalize().map_err(|source| OpenError::File {
            path: path.to_owned(),
            source,
        })?;
        let from = Connection::open_with_flags(&path, reading() | OpenFlags::SQLITE_OPEN_URI)?;
        from.busy_timeout(SqliteOptions::default().busy)?;
        let (name, writer) = Self::memory()?;
        // Not the backup interface: it copies the header's word of a log beside the file, which memory cannot have.
        from.execute("VACUUM INTO ?1", [&name])?;
        let reader = || Connection::open_with_flags(&name, reading() | OpenFlags::SQLITE_OPEN_URI);
        let options = SqliteOptions {
            payload_key: key,
            ..SqliteOptions::default()
        };
        Self::assemble(writer, reader, options, None)
    }

    fn assemble(
        mut writer: Connection,
        reader: impl Fn() -> rusqlite::Result<Connection>,
        options: SqliteOptions,
        lock: Option<ProcessLock>,
    ) -> Result<Self, OpenError> {
        writer.busy_timeout(options.busy)?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        writer.set_prepared_statement_cache_capacity(STATEMENTS);
        // What is erased leaves no bytes behind in pages that are free.
        writer.pragma_update(None, "secure_delete", true)?;
        migrate(&mut writer, MIGRATIONS)?;
        let vault = vault(&mut writer, &options, lock.is_some())?;
        let readers = (0..options.readers.max(1))
            .map(|_| {
                let connection = reader()?;
                connection.busy_timeout(options.busy)?;
                connection.set_prepared_statement_cache_capacity(STATEMENTS);
                Ok(connection)
            })
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let writer = Writer::start(writer).map_err(|source| OpenError::File {
            path: PathBuf::from("the writer thread"),
            source,
        })?;
        Ok(Self {
            writer,
            readers: Readers::new(readers),
            vault,
            beside: options.erased,
            _lock: lock,
        })
    }
}

/// The keys to this database, once they are known to be its own; what was erased since this copy of it was made goes.
fn vault(
    writer: &mut Connection,
    options: &SqliteOptions,
    is_to_be_used: bool,
) -> Result<Option<Arc<Vault>>, OpenError> {
    let known: Option<String> = writer
        .query_row("SELECT \"check\" FROM payload_key", [], |row| row.get(0))
        .optional()?;
    let Some(payload_key) = &options.payload_key else {
        return match known {
            Some(_) if is_to_be_used => Err(OpenError::NoPayloadKey),
            _ => Ok(None),
        };
    };
    let faulty = |fault: Fault| OpenError::Erased(fault.to_string());
    let vault = Vault::new(payload_key).map_err(faulty)?;
    let check = vault.name("\npayload key");
    match known {
        Some(known) if known != check => return Err(OpenError::OtherPayloadKey),
        Some(_) => {}
        None => {
            writer.execute(
                "INSERT INTO payload_key (only, \"check\") VALUES (1, ?1)",
                [check],
            )?;
        }
    }
    if let Some(beside) = &options.erased {
        erase::reapply(writer, &vault, beside).map_err(faulty)?;
    }
    Ok(Some(Arc::new(vault)))
}

fn reading() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}
