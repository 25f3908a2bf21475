//! What policy answers, in rows: a governor can read these.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod activating;
mod case;
mod deciding;
mod explaining;
mod filing;
mod house;
mod loading;
mod operator;
mod planning;
mod properties;
mod provisions;
mod reviewing;
mod routing;
mod slicing;
mod subject;
mod tables;
