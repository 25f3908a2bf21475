//! SQLite's only integer is signed; positions and sizes are not.

use crate::fault::Fault;

/// A position, size or offset as SQLite keeps it.
pub(crate) fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number)
        .map_err(|_| Fault::Unwritable(format!("{number} is beyond SQLite's integers")))
}

/// A position, size or offset as it was meant.
pub(crate) fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number)
        .map_err(|_| Fault::Corrupt(format!("{number} stands where no negative may")))
}
