//! Headless Chromium for tests: people with browsers of their own, authenticators without a finger, the rules of
//! accessibility, and screenshots to look at.
//!
//! A [`Browser`] is started once and shared; a [`Visitor`] is one person in it, with cookies and authenticators
//! that nobody else has; a [`Page`] is what they look at. Everything waits for what it names and fails the test,
//! with what was there instead, when that does not come.
//!
//! **Whom we trust.** Nobody ships this room. Chromium is the operating system's package and reaches only this
//! machine: every other name fails to resolve.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod authenticator;
mod axe;
mod browser;
mod complaints;
mod looks;
mod page;
mod process;
mod shared;
mod visitor;
mod waiting;

pub use authenticator::{ExportedCredential, VirtualAuthenticator};
pub use axe::Violation;
pub use browser::Browser;
pub use looks::{LOOKS, Look, Scheme, Width};
pub use page::Page;
pub use process::{Missing, chromium};
pub use shared::{in_browser, run};
pub use visitor::{Cookie, Visitor};
pub use waiting::{DEADLINE, wait_for};
