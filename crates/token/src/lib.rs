//! Claims, actor chains, assertions: made and verified with keys the caller hands in.
//!
//! Nothing here reads a clock, a file or the environment: time, keys and random bytes are
//! parameters. Whoever holds a [`SigningKey`] can forge every token its issuer signs; whoever
//! holds a [`JwkSet`] can only check.
//!
//! Three tokens are Locum's own and each has its `typ`, so that none can stand in for another:
//! [`Assertion`] (what an application receives), [`GrantToken`] (what a program exchanges) and
//! [`AccessToken`] (what it gets for it). Others sign [`ClientAssertion`] (a program proves who it is), [`IdToken`]
//! and [`LogoutToken`] (what the identity provider says of a person).

mod access;
mod actor;
mod assertion;
mod claims;
mod client;
mod error;
pub mod exchange;
mod form;
mod grant;
mod id_token;
mod json;
mod jwk;
mod jwk_set;
pub mod jws;
mod key;
mod logout_token;
mod scope;

pub use access::{AccessToken, AccessTokenInput};
pub use actor::{Actor, ActorProfile, PriorActor};
pub use assertion::{Assertion, AssertionInput, LocumClaims};
pub use claims::{Confirmation, Expected};
pub use client::ClientAssertion;
pub use error::{IssueError, TokenError};
pub use form::Form;
pub use grant::{GrantClaims, GrantToken, GrantTokenInput};
pub use id_token::{ExpectedIdToken, IdToken, ProviderTokenError};
pub use jwk::{JwkError, VerifyingKey};
pub use jwk_set::JwkSet;
pub use key::{Algorithm, KeyError, SigningKey, generate_pem};
pub use logout_token::LogoutToken;
pub use scope::{Scope, ScopeError};
