//! What the ledger's key and tree do inside a commit.

use locum_domain::Happened;

use super::store::LedgerRow;

/// A tile that an append completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTile {
    pub level: u8,
    pub index: u64,
    pub bytes: Vec<u8>,
}

/// What a commit writes besides state: one row for each event, and the checkpoint over all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub rows: Vec<LedgerRow>,
    pub tiles: Vec<FullTile>,
    /// A signed note over the size after the last row.
    pub checkpoint: String,
}

/// Turns accepted events into ledger rows. Called once, inside the transaction, with the events in their final
/// order; if the transaction fails afterwards, nothing of it may be remembered. Its holder can sign any history.
pub trait Sealer: Send {
    /// Seals `events`; the first takes position `from`.
    ///
    /// # Errors
    /// When an event has no canonical form or the tree does not stand at `from`.
    fn seal(&mut self, from: u64, events: &[Happened]) -> Result<Sealed, String>;
}
