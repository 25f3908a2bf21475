//! The pack: what goes into it, and the one archive that it makes.

mod approvals;
mod bundle;
mod files;
mod layout;
mod needed;
mod opened;
mod payloads;
mod source;
mod tiles;
mod whole;

use std::collections::{BTreeMap, HashMap};

use locum_domain::Stream;
use locum_record::{EntryError, Personal, SALT_BYTES};
use locum_tlog::{CheckpointError, Hash, ProveError, TilePath, VerifierKey};

use crate::archive::ArchiveError;
use crate::story::StoryError;

pub(crate) use approvals::{Approved, approvals};
pub(crate) use files::{Streamed, derived, write};
pub(crate) use layout::{
    CHECKPOINT, FORMAT, KEY, MANIFEST, Manifest, digest, is_derived, part as part_name, part_of,
    payloads_of, witnessed,
};
pub use needed::needed;
pub(crate) use opened::{Opened, open};
pub(crate) use payloads::Rows;
pub(crate) use source::Source;
pub(crate) use tiles::Tiles;
pub use whole::NotWhole;

/// Everything a pack is made from. The same parts make the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The key of the ledger.
    pub key: VerifierKey,
    /// The signed checkpoint, verbatim, that all of it is proved under.
    pub checkpoint: String,
    /// The disclosed payloads, in ledger order.
    pub rows: Vec<PackRow>,
    /// The entry bundles and tiles that [`needed`] names for the checkpoint's size and the rows' positions,
    /// as the log serves them. Others are ignored.
    pub parts: HashMap<TilePath, Vec<u8>>,
    /// The consistency proof to the checkpoint from each size that [`witnessed_sizes`](crate::witnessed_sizes) names.
    /// Others are ignored.
    pub consistency: BTreeMap<u64, Vec<Hash>>,
}

/// A disclosed payload: it opens the commitment of the entry at its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    pub position: u64,
    pub stream: Stream,
    pub salt: [u8; SALT_BYTES],
    /// The event's canonical bytes, without its personal values.
    pub body: Vec<u8>,
    /// Those values, or the digest that is left of them.
    pub personal: Option<Personal>,
}

/// Why parts make no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the checkpoint does not verify")]
    Checkpoint(#[from] CheckpointError),
    #[error("entry {position} is beyond the checkpoint's {size} entries")]
    Beyond { position: u64, size: u64 },
    /// An entry bundle or tile that [`needed`] names.
    #[error("`{0}` is missing")]
    Missing(String),
    #[error("`{0}` does not have its form")]
    Form(String),
    /// It means the same as what the ledger committed to, in other bytes.
    #[error("`{0}` is not in canonical form")]
    Spelling(String),
    #[error("entry {0} is not in canonical form")]
    Entry(u64, #[source] EntryError),
    #[error("the payload of entry {0} is not the one the ledger committed to")]
    Payload(u64),
    #[error("the payload of entry {0} is not a recorded event in canonical form")]
    Body(u64),
    /// Something else was kept apart as personal than what is: an actor, say, so that it could be erased.
    #[error("the payload of entry {0} does not keep apart just what is personal")]
    Personal(u64),
    #[error("`{0}` does not lead to the checkpoint's root")]
    Tree(String),
    #[error("the checkpoint that entry {0} carries is not signed by the ledger's key")]
    Witnessed(u64, #[source] CheckpointError),
    #[error("the checkpoint that entry {0} carries is over entries that were not there yet")]
    WitnessedTooEarly(u64),
    #[error("the checkpoint that entry {0} carries is of another history than this pack's")]
    OtherHistory(u64),
    #[error("a proof cannot be made")]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Story(#[from] StoryError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("a file has no canonical form")]
    Canonical(#[from] locum_record::CanonicalError),
}

impl Pack {
    /// Checks the parts against each other and the checkpoint, and writes the archive.
    ///
    /// # Errors
    /// [`PackError`] when something is missing or would not verify.
    pub fn build(&self) -> Result<Vec<u8>, PackError> {
        let mut source = source::InMemory::of(self);
        let opened = open(&mut source, &self.key, &self.checkpoint)?;
        write(&opened, &mut source, Vec::new())
    }
}
