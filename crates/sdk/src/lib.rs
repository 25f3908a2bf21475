//! For application authors: verify the assertion, read actor and subject.
//!
//! Every request that Locum's gateway forwards carries a `Locum-Assertion`: a statement, signed
//! and valid for a minute at most, of who acts ([`Impersonation::actor`]), as whom
//! ([`Impersonation::subject`]) and for which case. [`Verifier`] checks it against the keys that
//! the gateway's issuer publishes; [`AssertionLayer`] does so for every request of a `tower`
//! service and answers 401 where there is none.
//!
//! ```
//! use jiff::Timestamp;
//! use locum_sdk::{AssertionLayer, Impersonation, JwkSet, Verifier};
//! use tower::{ServiceBuilder, service_fn};
//!
//! // What `https://locum.example/.well-known/jwks.json` answered.
//! let keys = JwkSet::from_json(r#"{"keys":[]}"#)?;
//! let verifier = Verifier::new("https://locum.example", "app:billing", keys);
//!
//! let service = ServiceBuilder::new()
//!     .layer(AssertionLayer::new(verifier, Timestamp::now))
//!     .service(service_fn(async |request: http::Request<String>| {
//!         let who = request.extensions().get::<Impersonation>();
//!         let page = match who {
//!             Some(it) => format!("{} as {} for {}", it.actor.sub, it.subject, it.case),
//!             None => String::new(), // the layer lets nobody through without one
//!         };
//!         Ok::<_, std::convert::Infallible>(http::Response::new(page))
//!     }));
//! # drop(service);
//! # Ok::<(), locum_sdk::JwkError>(())
//! ```
//!
//! The header replaces no firewall: an application that the outside can reach without the
//! gateway must refuse requests that lack it, which is what the layer does.
//!
//! Whoever steals the issuer's signing key can mint assertions. Two things make that visible:
//! [`AcceptedLog`] keeps what this application accepted, for `locum reconcile`; [`Witnessed`] lets
//! nobody in whose session does not stand in a ledger that independent witnesses have seen.

mod accepted_log;
mod impersonation;
mod layer;
mod verifier;
mod witnessed;

pub use accepted_log::AcceptedLog;
pub use impersonation::Impersonation;
pub use layer::{AssertionLayer, AssertionService, KeysFuture};
pub use locum_tlog::{TrustPolicy, TrustPolicyError};
pub use locum_token::{Actor, ActorProfile, JwkError, JwkSet, PriorActor, Scope, TokenError};
pub use verifier::{Rejection, Verifier};
pub use witnessed::{PauseFuture, PolicyRefused, ReadFuture, ReadLedger, Unwitnessed, Witnessed};
