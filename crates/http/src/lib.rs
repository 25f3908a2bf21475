//! Inbound HTTP: the API, OAuth, webhooks and the ledger's tiles.
//!
//! This room translates: words of the wire into typed words of a use case, state into views, refusals into
//! problem details (RFC 9457). It decides nothing. `router.rs` is the index of everything that answers.

mod api;
mod body;
mod command;
mod complete;
mod guard;
mod health;
mod hooks;
mod html;
mod idempotency;
mod impersonated;
mod ledger;
mod metrics;
mod oauth;
mod openapi;
mod page;
mod payload;
mod precondition;
mod query;
mod refused;
mod router;
mod sealed;
mod sender;
mod signed_out;
mod state;
mod status;
mod views;

pub use hooks::{WebhookReceiver, WebhookRefused};
pub use openapi::openapi;
pub use router::router;
pub use state::{HttpState, OAuthSettings, Readiness};
