//! Why the database gave no answer, sorted into what the port tells apart.

use locum_control::ports::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

/// A failure inside this crate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Sqlite(#[from] Error),
    /// Nothing is wrong with what is kept; this could not be added to it.
    #[error("{0}")]
    Unwritable(String),
    /// What is kept cannot be what was written.
    #[error("{0}")]
    Corrupt(String),
}

impl Fault {
    /// Whether a sync failed. What the kernel then did with the pages is unknown, so nothing may be written
    /// after it as if it were clean.
    pub(crate) fn is_failed_sync(&self) -> bool {
        let Fault::Sqlite(Error::SqliteFailure(error, _)) = self else {
            return false;
        };
        matches!(
            error.extended_code,
            ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC
        )
    }

    fn is_corruption(&self) -> bool {
        match self {
            Fault::Corrupt(_) => true,
            Fault::Unwritable(_) => false,
            Fault::Sqlite(Error::SqliteFailure(error, _)) => matches!(
                error.code,
                ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    // A row that the ledger's order rules out is there already.
                    | ErrorCode::ConstraintViolation
            ),
            Fault::Sqlite(
                Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..),
            ) => true,
            Fault::Sqlite(_) => false,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        let text = fault.to_string();
        if fault.is_corruption() {
            StoreError::Corrupt(text)
        } else {
            StoreError::Unavailable(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(extended_code: i32) -> Fault {
        Fault::Sqlite(Error::SqliteFailure(ffi::Error::new(extended_code), None))
    }

    #[test]
    fn a_full_unreadable_or_read_only_disk_is_unavailable_and_not_corrupt() {
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_BUSY,
        ] {
            let error = StoreError::from(failure(code));
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
    }

    #[test]
    fn a_damaged_file_is_corrupt() {
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            let error = StoreError::from(failure(code));
            assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        }
    }

    #[test]
    fn only_a_failed_sync_closes_the_door() {
        assert!(failure(ffi::SQLITE_IOERR_FSYNC).is_failed_sync());
        assert!(!failure(ffi::SQLITE_IOERR_WRITE).is_failed_sync());
        assert!(!failure(ffi::SQLITE_FULL).is_failed_sync());
    }
}
