//! The contract over HTTP: the real router over the real control room, with a world that fails on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod bodies;
mod changing;
mod decisions;
mod delegating;
mod devices;
mod doors;
mod enrolments;
mod explaining;
mod hooks;
mod idempotency;
mod ledger;
mod lists;
mod matrix;
mod nested;
mod oauth;
mod programs;
mod reconciling;
mod record;
mod sessions;
mod site;
mod unclassified;
mod versions;
