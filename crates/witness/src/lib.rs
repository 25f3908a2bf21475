//! A witness: cosigns checkpoints of somebody else's ledger (C2SP tlog-witness and
//! tlog-cosignature), so that the ledger's operator cannot show different histories to different
//! people.
//!
//! A witness makes one promise: of each ledger it knows, everything it ever signed is one
//! history. [`Memory`] keeps the newest checkpoint of each ledger on disk and has it there before
//! a cosignature leaves; a memory that is lost or wound back would break the promise, so a
//! witness does not start without the one it had.
//!
//! Nothing here reads a clock: the time of a cosignature, in seconds since 1970-01-01 UTC, is
//! given.

mod conflict;
mod memory;
mod serve;
mod submission;
mod witness;

pub use memory::{Memory, MemoryError};
pub use serve::router;
pub use submission::{Submission, SubmissionError};
pub use witness::{Refusal, Witness};
