//! The processes around the browser: Locum itself, and what it speaks to.

pub(crate) mod locum;
