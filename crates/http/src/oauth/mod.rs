//! The token endpoint and what clients must know of it.

mod answer;
mod client;
mod form;
mod metadata;
mod replay;
mod token;

pub(crate) use answer::{is_said, refused};
pub(crate) use metadata::{jwks, metadata};
pub(crate) use replay::Replays;
pub(crate) use token::token;
pub(crate) use {metadata::__path_jwks, metadata::__path_metadata, token::__path_token};
