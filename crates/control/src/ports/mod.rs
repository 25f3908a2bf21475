//! What the use cases need from outside. Every port says what its holder could forge.

mod case_system;
mod clock;
mod data_plane;
mod entropy;
mod journal;
mod key_ring;
mod sealer;
mod store;
mod subjects;
mod witnesses;

pub use case_system::{CaseSystem, CaseSystems};
pub use clock::{Clock, ClockUntrusted};
pub use data_plane::{Cut, DataPlane, LiveView, Pass};
pub use entropy::Entropy;
pub use journal::{Journal, JournalMark, Journaled};
pub(crate) use key_ring::grant_verifiers;
pub use key_ring::{KeyPurpose, KeyRing, KeyRingError, NextKey, PublicHalf};
pub use sealer::{FullTile, Sealed, Sealer};
pub use store::{
    Commit, Committed, Guard, Idempotent, LedgerRow, MOST_UNCLASSIFIED, OutboxItem, OutboxTask,
    Page, Proposal, Query, Rejected, Store, StoreError, Unclassified, UnclassifiedPage, Versioned,
};
pub use subjects::{SubjectDirectory, SubjectLookupError};
pub use witnesses::{WitnessAnswer, WitnessSilent, Witnesses};
