//! The evidence pack and its offline verifier: bytes in, bytes out.
//!
//! [`story`] tells one access event from its recorded events. [`Pack::build`] puts the story, the ledger
//! entries under it and their proofs into one canonical archive. [`verify`] takes such an archive apart,
//! checks it against the ledger's signed checkpoint, makes again whatever follows from the entries and compares every
//! byte.
//!
//! [`webauthn`] judges registrations and assertions by the specification, and [`verify_signature`] one person's
//! signature over a statement's digest. A server calls them when somebody signs; [`verify`] calls the same code over the
//! entries of a pack, and follows each signature to the founders. [`streams_needed`] and [`is_link`] say which entries
//! that takes.
//!
//! Nothing here reads a clock, a file or the network. The format is in `docs/reference/evidence.md`.
//!
//! **Whom we trust.** Nobody but the holder of the ledger's key, and of that holder only that they signed one
//! history: that signed approvals are their approvers' own, not even of that holder, once the founders' fingerprints
//! are given. What no pack can show: that its event did not go on after the last entry told. A population shows it,
//! as far as its range of entries goes: [`verify_population`].

mod again;
mod archive;
mod chain;
mod epochs;
mod examined;
mod pack;
mod population;
mod report;
mod signature;
mod story;
mod verify;
pub mod webauthn;
mod witnessed;

pub use again::{DecidedAgain, Difference, RulesTold, decide_again};
pub use archive::ArchiveError;
pub use chain::{Founders, FoundersError, is_link, streams_needed};
pub use epochs::EpochFault;
pub use pack::{NotWhole, Pack, PackError, PackRow, needed};
pub use population::{
    Draft, DraftError, EventTold, FILING_LAG, Filing, Only, Period, Plan, PopulationFailure,
    PopulationTold, PopulationVerified, RangeFault, RangeTold, Wanted, is_population,
    verify_population,
};
pub use report::report;
pub use signature::{SignatureError, Signed, key_file_message, verify_signature};
pub use story::{
    AccessEvent, Accessed, Answer, ApplicationTold, ApprovalTold, Asked, CaseChangeTold, Ends,
    Escalated, Extension, Finding, HoldTold, Line, OfferTold, Opened, Outcomes, QuestionTold,
    ReadTold, RefusalTold, RefusedElsewhere, RefusedInApplication, ReviewTold, Said, SignedBy,
    StepTold, StoryError, TimelineLine, Verdict, story,
};
pub use verify::{
    CosignatureVerified, EnrolledUnder, SignatureVerified, Signs, Verified, VerifyFailure,
    VerifyOptions, WitnessesVerified, verify, verify_from,
};
pub use witnessed::witnessed_sizes;
