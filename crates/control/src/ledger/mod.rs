//! The system of record: one order for everything, signed with every commit.

mod chains;
mod head;
mod keys;
mod missing;
mod proofs;
mod restoring;
mod sealing;
mod sequencer;
mod sessions;
mod verified;

pub use head::HeadFault;
pub use proofs::{LedgerTiles, ProofFailure};
pub use restoring::{RestoringError, record_restoration, restorations};
pub use sequencer::{CommitListener, Sequencer, SequencerError, Start, TakeUpError};
pub use sessions::{SessionOnRecord, SessionsOnRecord, sessions_on_record};
pub use verified::{LedgerFindings, verify_ledger};
pub(crate) use verified::{fold, open_row};
