//! Web Authentication, Level 3, the relying party's half: registration (§7.1) and assertion (§7.2).
//!
//! Written section by section against the specification, for the case that Locum has: no attestation is asked
//! for, user verification always is, nothing runs inside a frame of another origin, no extension is used. What
//! the specification leaves to the relying party's policy is refused here and named by its own error.
//!
//! Bytes in, answers out: the same code judges a login, an approval when it is given, and the same approval years
//! later in an evidence pack.
//!
//! **Whom we trust.** The authenticator that holds the key, for "a user was verified"; the browser, for the origin
//! it writes down. What a passkey does not prove is said in `docs/reference/evidence.md`.

mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod key;
mod registration;

pub use assertion::{Asserted, Assertion, AssertionError, verify_assertion};
pub use attestation::AttestationError;
pub use authenticator_data::AuthenticatorDataError;
pub use client_data::ClientDataError;
pub use cose::CoseKeyError;
pub use key::KeyError;
pub use registration::{NewCredential, Registration, RegistrationError, verify_registration};

pub(crate) use key::VerifyingKey;

/// The algorithms a registration may be offered, as COSE numbers them, in the order to offer them: Ed25519, ES256,
/// RS256.
pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

/// What one ceremony expects: whose page it ran on, and which challenge it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceremony<'c> {
    /// The domain the credential is scoped to: `locum.corp.example`.
    pub rp_id: &'c str,
    /// The one origin whose pages may hold the ceremony: `https://locum.corp.example`.
    pub origin: &'c str,
    /// At least 16 bytes that nobody could foresee, or the digest of a statement that has a nonce in it.
    pub challenge: &'c [u8],
}
