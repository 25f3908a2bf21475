//! What an audit event is as bytes, and how it reaches the disk before anything else happens.
//!
//! *Bytes*: [`canonical`] writes RFC 8785 JSON, [`Payload`] is an event's body behind a salt,
//! [`Entry`] is the public leaf that commits to it.
//!
//! *Disk*: [`Recorder`] appends records to preallocated segments and says "done" once they are
//! durable. It knows nothing of events: bytes go in, and come out in order for the sequencer.

mod canonical;
mod canonical_check;
mod entry;
mod event_place;
pub mod instant;
mod payload;
mod personal;
pub mod recorder;

pub use canonical::{CanonicalError, canonical};
pub use canonical_check::is_canonical;
pub use entry::{Entry, EntryError};
pub use event_place::EventPlace;
pub use payload::{Payload, SALT_BYTES};
pub use personal::{ERASED, Personal, PersonalError, PersonalValues, put_back, take_out};
pub use recorder::{
    Mark, OpenError, Recorder, RecorderOptions, RecorderUnavailable, Recovered, Taken, Torn,
    TornKind,
};
