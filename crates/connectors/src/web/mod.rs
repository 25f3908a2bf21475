//! Asking the outside: one request, no redirects, with caps on time and size.

mod client;
mod pointer;
mod template;

pub use client::{Limits, WebClient};
pub(crate) use client::{NoAnswer, Proof};
pub(crate) use pointer::{Found, find, scalar, time};
pub(crate) use template::Template;
