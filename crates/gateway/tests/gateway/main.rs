//! The gateway over real sockets, in front of an application that says what it saw.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod application;
mod client;
mod documents;
mod world;

mod answering;
mod chaos;
mod cutting;
mod ending;
mod entering;
mod framing;
mod graphql;
mod graphql_hostile;
mod recording;
mod refusing;
mod streaming;
mod stripping;
mod tokens;
mod upstreams;
