//! The only place that reads clock, randomness, environment and keys, and the adapters that fit rooms together.

mod clock;
mod connectors;
mod development;
mod end_orders;
mod entropy;
mod files;
mod for_auditors;
mod founder_links;
mod founding;
mod identity_provider;
mod journal;
mod keys;
mod plane;
mod proxies;
mod record_keys;
mod remembered;
mod sign_in;
mod standing;
mod web;
mod webhooks;

pub(crate) use clock::SystemClock;
pub(crate) use connectors::{ConnectorsError, case_systems, generic, receivers, roundup};
pub(crate) use end_orders::EndOrdersToControl;
pub(crate) use entropy::SystemEntropy;
pub(crate) use files::connections;
pub(crate) use for_auditors::keep_for_auditors;
pub(crate) use founder_links::FounderLinks;
pub(crate) use founding::{FounderSigned, FoundingDesk, FoundingError};
pub(crate) use identity_provider::ProviderWeb;
pub(crate) use journal::{RecorderJournal, RetireRecordKeys, mark as journal_mark};
pub(crate) use keys::{
    KeyRing, KeysError, ledger_key, options_for_restoring, store_options, write_new_keys,
    write_private,
};
pub(crate) use plane::{GatewayPlane, ReadSecret};
pub(crate) use record_keys::RecordKeys;
pub(crate) use remembered::{
    Held, REMEDY, Remembered, RememberedError, consistent, epoch, epoch_of_note, held_of,
    signed_in_any_epoch,
};
pub(crate) use sign_in::{SignIn, provider_settings};
pub(crate) use standing::{Standing, StandingFile};
pub(crate) use web::{demo_guide, web};
pub(crate) use webhooks::Receiver;
