//! Locum in a real browser: its pages, its sign-in, its signatures, and what attacks them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod abuse;
mod changing;
mod console;
mod device;
mod founding;
mod harness;
mod losing;
mod outside;
mod people;
mod show;
mod stepping_up;
mod tampering;
mod verifier;
