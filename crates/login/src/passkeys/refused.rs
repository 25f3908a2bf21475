//! Why a passkey's answer is not believed.

use locum_evidence::webauthn::{AssertionError, RegistrationError};

/// Why a passkey's answer came to nothing. Whether the credential is known here is told to nobody who is not signed
/// in: see [`PasskeyRefused::code`].
#[derive(Debug, thiserror::Error)]
pub enum PasskeyRefused {
    #[error("the answer is not one public-key credential")]
    Malformed,
    /// This browser or this login has no challenge open: none was asked for, it is too old, or it was answered.
    #[error("no challenge is open here")]
    NoChallenge,
    /// No live authenticator has this credential, or not the person the authenticator names.
    #[error("the credential is nobody's here")]
    Unknown,
    /// The credential that was made is not the one whose id came with it.
    #[error("the credential's id is another one's")]
    CredentialId,
    #[error("the assertion is refused")]
    Assertion(#[from] AssertionError),
    #[error("the registration is refused")]
    Registration(#[from] RegistrationError),
}

impl PasskeyRefused {
    /// A word for records and counting. Not for whoever tries to sign in: to them every refusal is the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NoChallenge => "no-challenge",
            Self::Unknown => "unknown-credential",
            Self::CredentialId => "another-credential",
            Self::Assertion(_) => "assertion-refused",
            Self::Registration(_) => "registration-refused",
        }
    }
}
