//! Who is asking: development tokens, login cookies and CSRF.
//!
//! Logins live in this process's memory and end with it. What is kept of a bearer token or a cookie is its
//! SHA-256, so that finding it takes a time that tells nothing about it, and a memory image signs nobody in.
//! A holder of [`Logins`] can sign anybody in.

mod cookie;
mod csrf;
mod login;
mod logins;
mod secret;
mod tokens;

pub use login::{LoginId, LoginView, NotSignedIn, SignedIn, Started};
pub use logins::{LoginSettings, Logins, Now, Random};
pub use tokens::BearerTokens;
