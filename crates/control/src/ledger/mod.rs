//! The system of record: one order for everything, signed with every commit.

mod proofs;
mod sealing;
mod sequencer;
mod verified;

pub use proofs::{LedgerTiles, ProofFailure};
pub use sequencer::{CommitListener, Sequencer, SequencerError, Start, TakeUpError};
pub use verified::{LedgerFindings, verify_ledger};
pub(crate) use verified::{open_row, verified_request};
