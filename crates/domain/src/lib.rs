//! The nouns of support impersonation, their life cycles, and the permit.
//!
//! Nothing here reads a clock, a file, the network or randomness: time, ids and nonces are parameters.
//! Verbs answer a command with events or a typed [`Refusal`]; `evolve` functions fold events into state.
//! The names of the modules are the nouns of the glossary.

pub mod absence;
pub mod access;
pub mod aggregate;
pub mod authenticator;
pub mod case;
pub mod catalog;
pub mod change;
pub mod delegations;
pub mod denial;
pub mod erasure;
pub mod event;
pub mod exception;
pub mod facts;
pub mod governance;
pub mod hold;
pub mod ids;
mod personal;
pub mod provisions;
pub mod request;
pub mod restoration;
pub mod review;
pub mod route;
pub mod rules;
pub mod scope;
pub mod session;
mod session_shown;
pub mod witness;

pub use absence::Absence;
pub use aggregate::{Aggregate, Stream};
pub use authenticator::{Authenticator, Enrolled, Founding, Signature};
pub use case::Case;
pub use catalog::Catalog;
pub use change::Change;
pub use delegations::Delegations;
pub use denial::{Denial, Read, Refusal};
pub use erasure::Erasure;
pub use event::{Event, Happened, Recorded};
pub use exception::Exception;
pub use facts::Facts;
pub use ids::*;
pub use jiff::Timestamp;
pub use personal::{ERASED, Whose};
pub use provisions::Provisions;
pub use request::{Request, RequestState};
pub use restoration::Restoration;
pub use review::Review;
pub use route::{Authority, Route};
pub use rules::RulesInForce;
pub use scope::{Minutes, Scope};
pub use session::Session;
pub use session_shown::{SessionLook, SessionShown, tells_of_session};
pub use witness::WitnessStanding;
