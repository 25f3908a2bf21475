//! Fakes with faults, the store's conformance suite, and a harness that re-verifies the world.

pub mod house;
pub mod scenario;
mod sealer;
pub mod store_suite;

pub use sealer::{Sealing, TestSealer};
