//! The console through its router, over the real control room and store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod account;
mod at_provider;
mod browser;
mod changing;
mod deciding;
mod device_key;
mod devices;
mod enrolling;
mod excepting;
mod explaining;
mod forms;
mod founding;
mod inviting;
mod life;
mod markup;
mod passkeys;
mod provider;
mod ratchet;
mod refusals;
mod seeing;
mod signed_pages;
mod signing;
mod signing_in;
mod stopping;
mod world;

/// Support, and whose case `desk:7` is.
const ALICE: &str = "alice@corp.example";
/// Owns billing.
const OSCAR: &str = "oscar@corp.example";
/// Owns customer records.
const PETRA: &str = "petra@corp.example";
/// Alice's manager.
const MIA: &str = "mia@corp.example";
/// Security, and security control owner.
const SAM: &str = "sam@corp.example";
/// Security.
const SVEN: &str = "sven@corp.example";
/// Auditor.
const AUDREY: &str = "audrey@corp.example";
/// Privacy, and a founder beside Sam.
const PRYA: &str = "prya@corp.example";
