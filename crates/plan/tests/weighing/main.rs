//! What counts as loosening, and who could be the second person (R33).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod closed;
mod gaining;
mod guards;
mod house;
mod same_human;
mod unweighed;
