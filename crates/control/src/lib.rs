//! One file per use case, and the ports it needs from outside.
//!
//! Every verb takes the [`Control`], who is asking ([`Caller`]) and typed words, and answers with state or a
//! [`Refusal`](locum_domain::Refusal) that is already on the record. The listing of this crate's modules is the
//! list of what Locum does.

mod attempt;
mod begin;
mod caller;
mod catalog_for;
mod circumstances;
mod control;
mod end_case;
mod ending;
mod enrolling;
mod history;
mod ids;
mod in_person;
mod justified;
pub mod ledger;
mod look;
mod look_ups;
mod meter;
mod on_version;
pub mod ports;
mod prepare;
mod provisions;
mod sight;
mod signed_approvals;
mod signing;
mod statement;
mod still_allowed;
mod unrecorded;

pub mod absences;
pub mod accept_offer;
pub mod activate;
pub mod answer;
pub mod approve;
pub mod approve_enrolment;
pub mod ask;
pub mod ask_enrolment;
pub mod authenticators;
pub mod case_signal;
pub mod change;
pub mod check_record;
pub mod complete_review;
pub mod consider;
pub mod countersign;
pub mod delegations;
pub mod deny;
pub mod deny_enrolment;
pub mod end_session;
pub mod enrol_founder;
pub mod enrolments;
pub mod evidence;
pub mod exceptions;
pub mod explain;
pub mod extend;
pub mod feed;
pub mod file_request;
mod find;
pub mod founding;
pub mod governance;
pub mod invite_to_enrol;
pub mod jobs;
pub mod offer;
pub mod open_application;
pub mod preview;
pub mod privileged;
pub mod read;
mod reminders;
pub mod revoke_authenticator;
pub mod rotate_key;
pub mod sign_founding;
pub mod sign_in;
pub mod stop;
pub mod strangers;
pub mod unclassified;
pub mod withdraw;
pub mod witnessing;

pub use caller::{Assurance, Caller, Door};
pub use control::{Budgets, Control, ControlSettings, Ports, StartError};
pub use governance::{Difference, InForce};
pub use locum_policy::Indexed;
pub use prepare::Asked;
pub use statement::{Credential, StatementToSign};
