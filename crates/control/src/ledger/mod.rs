//! The system of record: one order for everything, signed with every commit.

mod head;
mod keys;
mod proofs;
mod sealing;
mod sequencer;
mod verified;

pub use head::HeadFault;
pub use proofs::{LedgerTiles, ProofFailure};
pub use sequencer::{CommitListener, Sequencer, SequencerError, Start, TakeUpError};
pub use verified::{LedgerFindings, verify_ledger};
pub(crate) use verified::{fold, open_row};
