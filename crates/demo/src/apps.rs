//! Two business applications: [`billing`] believes only the assertion, [`crm`] is of the kind
//! that takes a trusted header and here compares it with the assertion.

pub mod billing;
pub mod crm;
mod customers;
mod door;

pub use door::{Trust, Witnesses};
