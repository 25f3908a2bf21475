//! An OpenAPI document, read for its routes.

mod document;
mod parse;
mod reference;
mod routes;

pub use parse::LARGEST_DOCUMENT;
pub(super) use routes::routes;
