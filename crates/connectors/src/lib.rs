//! Case systems, subject directories and the identity provider: one module for each kind of outside system.
//!
//! What an outside system says is never believed beyond its subject: a case system can end access and never
//! grant it, and a directory names a user of its own application. Everything here either gives the answer
//! that was asked for, says that the other side knows no such thing, or says that there was no usable answer;
//! the last two refuse. Settings come resolved: nothing here reads a file, a clock or the environment.

mod generic;
mod identity_provider;
pub mod probe;
mod roundup;
mod settings;
mod subjects;
mod web;
pub mod webhook;
mod witnesses;

pub use generic::Generic;
pub use identity_provider::{IdentityProvider, ProviderSilent};
pub use roundup::Roundup;
pub use settings::{
    CaseMap, GenericSettings, NumberCheck, Pace, RoundupFields, RoundupSettings, SettingsError,
    WriteProbe,
};
pub use subjects::Subjects;
pub use web::{Limits, WebClient};
pub use witnesses::HttpWitnesses;
