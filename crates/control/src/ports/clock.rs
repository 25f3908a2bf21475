//! Time, as a parameter of everything else.

use locum_domain::Timestamp;

/// The wall clock stepped back behind the ledger, or away from the boot clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the clock says {says}, the ledger's last entry is of {last}")]
pub struct ClockUntrusted {
    pub says: Timestamp,
    pub last: Timestamp,
}

/// Tells the time. Its holder could lengthen sessions; boot time bounds that.
pub trait Clock: Send + Sync {
    /// Wall time, never below the last entry's.
    ///
    /// # Errors
    /// When the wall clock cannot be believed; then nothing new is decided.
    fn now(&self) -> Result<Timestamp, ClockUntrusted>;
    /// An entry of this time was committed.
    fn committed(&self, at: Timestamp);
}
