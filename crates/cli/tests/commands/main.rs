//! What commands say and how they end, against a server that answers from a script.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod applying;
mod changing;
mod deciding;
mod ends;
mod enrolling;
mod explaining;
mod feed;
mod looking;
mod planning;
mod proposing;
mod proving;
mod reconciling;
mod sample;
mod scripted;
mod signing;
mod signing_in;
mod taking;
mod unclassified;
mod views;
