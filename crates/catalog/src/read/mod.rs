//! Reading TOML so that every value keeps its place and every problem is found in one pass.
//!
//! `serde` stops at the first error and `deny_unknown_fields` says nothing about the second; here the
//! document becomes a tree of placed values, and [`Fields`] takes them out by name and kind.

mod fields;
mod kind;
mod tree;

pub(crate) use fields::{Fields, choose};
pub(crate) use kind::Kind;
pub(crate) use tree::{Node, Table, Value, document};
