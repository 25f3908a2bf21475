//! The API's verbs: words in, views out.

pub(crate) mod absences;
pub(crate) mod authenticators;
pub(crate) mod catalog;
pub(crate) mod changes;
pub(crate) mod countersigning;
pub(crate) mod decisions;
pub(crate) mod delegations;
pub(crate) mod enrolments;
pub(crate) mod erasures;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod explain;
pub(crate) mod governance;
pub(crate) mod keys;
pub(crate) mod logins;
pub(crate) mod population;
pub(crate) mod reconcile;
pub(crate) mod record;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod sessions;
pub(crate) mod stop;
pub(crate) mod unclassified;

mod asked;
mod change_view;
mod key_file;
mod look;
mod words;
