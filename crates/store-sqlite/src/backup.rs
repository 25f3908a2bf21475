//! A copy of the whole database while it is in use.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use locum_control::ports::StoreError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::fault::Fault;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Copies the database as of one commit into the new file `to`, durable when this returns. Commits go on
    /// meanwhile. The copy opens like any other store.
    ///
    /// # Errors
    /// When `to` exists already or cannot be written; what was written of it is taken away again.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_owned();
        self.readers
            .run(move |connection| {
                let unwritable = |error: std::io::Error| {
                    Fault::Unwritable(format!("`{}`: {error}", to.display()))
                };
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&to)
                    .map_err(unwritable)?;
                copy(connection, &to).inspect_err(|_| {
                    if let Err(error) = std::fs::remove_file(&to) {
                        tracing::warn!(path = %to.display(), %error, "a broken copy is left behind");
                    }
                })?;
                let folder = to.parent().filter(|it| !it.as_os_str().is_empty());
                File::open(folder.unwrap_or(Path::new(".")))
                    .and_then(|folder| folder.sync_all())
                    .map_err(unwritable)
            })
            .await
    }
}

/// Copies in one step: one snapshot, and no beginning again when somebody commits.
fn copy(from: &Connection, to: &Path) -> Result<(), Fault> {
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
    Ok(())
}
