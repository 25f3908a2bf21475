//! Operations proposed from documents and recordings: what is proposed is taken by the catalog's own reader, closed
//! where there is doubt, and holds nobody's secret.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod closed;
mod hostile;
mod known;
mod openapi;
mod reading;
mod recordings;
mod tools;
mod traits;
