//! What is proved, what is refuted and by whom, and what no solver can make of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod guardrails;
mod harness;
mod house;
mod loosening;
mod mutants;
mod solvers;
mod vacuity;
