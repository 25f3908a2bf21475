//! The operator's files, with spans, to and from the domain.
//!
//! `locum.toml` becomes [`Settings`], the folders it names a [`Bundle`] of exact texts, and a bundle the
//! [`Catalog`](locum_domain::Catalog). [`Deployment::read`] does all of it and finds every problem in one go.
//! Nothing here reads a clock or the environment: the day and the variables are parameters, and the only files
//! read are those the operator's files lead to.

mod address;
mod bundle;
mod catalog;
mod deployment;
mod excerpt;
mod nearest;
mod overrides;
mod own_doors;
mod problem;
pub mod propose;
mod read;
pub mod schema;
mod secret;
pub mod settings;
mod source;
pub mod templates;
mod tokens;
mod unread;

pub use bundle::{Bundle, NotSettings};
pub use deployment::{Deployment, policies_of};
pub use problem::{Checked, Problem, Severity};
pub use secret::{NotAReference, SecretError, SecretRef, Secrets};
pub use settings::Settings;
pub use tokens::DevelopmentTokens;
