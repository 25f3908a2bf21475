//! Whether the file is whole: a torn or overwritten page is found here, before anybody builds on what it says.
//!
//! SQLite keeps no checksum of its pages. Its own checks see a page that is no page any more, rows out of order, a page
//! that is lost or in two places, and (the thorough one) an index that does not fit its table. Bytes changed inside a
//! row that still reads are found by the ledger: entries by the signed root, at every start; payloads and tables by
//! `locum ledger verify`.

use std::path::Path;

use locum_control::ports::StoreError;
use rusqlite::{Connection, OpenFlags};

use crate::fault::Fault;
use crate::store::SqliteStore;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Every page, and every index against its table.
    Whole,
    /// Every page alone: some three times as fast.
    Pages,
}

/// More than a person reads; SQLite looks no further.
const MOST: u32 = 20;

impl SqliteStore {
    /// What is damaged, in SQLite's words; empty when nothing is.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn damage(&self, look: Look) -> Result<Vec<String>, StoreError> {
        self.readers
            .run(move |connection| found(connection, look))
            .await
    }

    /// The same of a database file that is not opened as a store, as one too damaged for that. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn damage_of(path: &Path, look: Look) -> Result<Vec<String>, StoreError> {
        let open = || -> Result<Vec<String>, Fault> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            found(&Connection::open_with_flags(path, flags)?, look)
        };
        open().map_err(StoreError::from)
    }
}

fn found(connection: &Connection, look: Look) -> Result<Vec<String>, Fault> {
    let check = match look {
        Look::Whole => "integrity_check",
        Look::Pages => "quick_check",
    };
    let mut statement = connection.prepare(&format!("PRAGMA {check}({MOST})"))?;
    let lines: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let is_sound = matches!(lines.as_slice(), [only] if only == "ok");
    Ok(if is_sound { Vec::new() } else { lines })
}
