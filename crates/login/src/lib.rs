//! Who is asking: sign-in by OpenID Connect, passkeys and devices, login cookies and CSRF.
//!
//! Logins live in this process's memory and end with it. What is kept of a bearer token or a cookie is its
//! HMAC-SHA-256 under a key of the installation, so that finding it takes a time that tells nothing about it, and a
//! memory image signs nobody in. A holder of [`Logins`] can sign anybody in.

pub mod attempts;
mod cookie;
pub mod device;
mod how;
mod login;
mod logins;
pub mod oidc;
mod one_time_codes;
pub mod passkeys;
mod ports;
mod return_path;
mod secret;
mod seen_from;
mod tokens;
mod used_once;

pub use how::{How, Judgement, OidcSignIn, STEPPED_UP};
pub use login::{
    Ended, LoginId, LoginView, NewLogin, NotBegun, NotSignedIn, NotSteppedUp, SignedIn, Started,
    Token,
};
pub use logins::{CLEAR_SITE_DATA, LoginSettings, Logins};
pub use one_time_codes::{FoundingCodes, Invitation, InvitationCodes, Meant, OneTimeCodes};
pub use ports::{Now, Ports, Random};
pub use return_path::local_path;
pub use secret::SecretKey;
pub use seen_from::SeenFrom;
pub use tokens::BearerTokens;
