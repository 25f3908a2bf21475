//! Signing in at an identity provider: a client of OpenID Connect Core 1.0 (authorization code flow), with PKCE
//! (RFC 7636) and issuer identification (RFC 9207), after the advice of RFC 9700.

mod answer;
mod discovery;
mod exchange;
mod failure;
mod identity;
mod known;
mod pending;
mod provider;
mod settings;
mod web;

pub use failure::ProviderFailure;
pub use identity::{NoPerson, person_of};
pub use pending::Wish;
pub use provider::{Begun, Finished, Provider};
pub use settings::ProviderSettings;
pub use web::{FormAnswer, IdentityProviderWeb, Silent};
