//! Every access event of a period in one file, with the proof that the ledger holds no other.

mod draft;
mod files;
mod index;
mod period;
mod plan;
mod range;
mod told;
mod verify;

pub use draft::{Draft, DraftError};
pub use period::{FILING_LAG, Only, Period};
pub use plan::{Plan, Wanted};
pub use range::{Filing, RangeFault};
pub use told::{EventTold, PopulationTold, RangeTold};
pub use verify::{PopulationFailure, PopulationVerified, is_population, verify_population};
