//! One process for one database.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::open::OpenError;

/// Held as long as the store is open. The kernel lets go of it with the process, however that ends.
#[derive(Debug)]
pub struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    /// Takes the lock beside `database`.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be made.
    pub fn take(database: &Path) -> Result<Self, OpenError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let lock = PathBuf::from(name);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock)
            .map_err(|source| OpenError::File {
                path: lock.clone(),
                source,
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                database: database.to_owned(),
                lock,
            }),
            Err(TryLockError::Error(source)) => Err(OpenError::File { path: lock, source }),
        }
    }
}
