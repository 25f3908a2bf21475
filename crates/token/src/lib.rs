//! Claims, actor chains, assertions: made and verified with keys the caller hands in.
//!
//! Nothing here reads a clock, a file or the environment: time, keys and random bytes are
//! parameters. Whoever holds a [`SigningKey`] can forge every token its issuer signs; whoever
//! holds a [`JwkSet`] can only check.
//!
//! Three tokens are Locum's own and each has its `typ`, so that none can stand in for another:
//! [`Assertion`] (what an application receives), [`GrantToken`] (what a program exchanges) and
//! [`AccessToken`] (what it gets for it). [`ClientAssertion`] is the one that others sign.

mod access;
mod actor;
mod assertion;
mod claims;
mod client;
mod error;
pub mod exchange;
mod grant;
mod json;
mod jwk;
mod jwk_set;
pub mod jws;
mod key;
mod scope;

pub use access::{AccessToken, AccessTokenInput};
pub use actor::{Actor, ActorProfile, PriorActor};
pub use assertion::{Assertion, AssertionInput, LocumClaims};
pub use claims::{Confirmation, Expected};
pub use client::ClientAssertion;
pub use error::{IssueError, TokenError};
pub use grant::{GrantClaims, GrantToken, GrantTokenInput};
pub use jwk::{JwkError, VerifyingKey};
pub use jwk_set::JwkSet;
pub use key::{Algorithm, KeyError, SigningKey, generate_pem};
pub use scope::{Scope, ScopeError};
