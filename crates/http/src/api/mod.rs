//! The API's verbs: words in, views out.

pub(crate) mod catalog;
pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod record;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod sessions;
pub(crate) mod stop;

mod asked;
mod look;
mod words;
