//! An OpenAPI document, read for its routes.

mod clues;
mod document;
mod lenient;
mod parse;
mod reference;
mod routes;
mod servers;

pub use parse::LARGEST_DOCUMENT;
pub(super) use routes::routes;
