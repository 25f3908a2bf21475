//! Why nobody was signed in by the identity provider.

use locum_token::ProviderTokenError;

use super::web::Silent;

/// Why a sign-in or a logout at the identity provider came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProviderFailure {
    /// This browser began no sign-in, or too long ago, or finished it already.
    #[error("this browser has no sign-in under way")]
    NotBegun,
    /// The answer belongs to a sign-in that another browser began: login CSRF.
    #[error("the answer belongs to another sign-in")]
    State,
    /// The answer is another provider's, or does not say whose: mix-up (RFC 9207).
    #[error("the answer is another provider's")]
    Issuer,
    /// The answer cannot be read in one way only.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// The provider says no, in its own code.
    #[error("the provider answers `{0}`")]
    Refused(String),
    /// The provider cannot be asked.
    #[error("the provider cannot be asked")]
    Silent(#[from] Silent),
    /// What the provider says of itself cannot be worked with.
    #[error("the provider's configuration: {0}")]
    Discovery(String),
    /// The ID token or the logout token.
    #[error("the provider's token is refused")]
    Token(#[from] ProviderTokenError),
    /// A logout token that was used before.
    #[error("the logout token was used before")]
    Replayed,
    /// The claim that names the account is missing, or not verified.
    #[error("the provider does not say which account this is")]
    NoAccount,
    #[error("no random bytes")]
    NoRandomness,
}

impl ProviderFailure {
    /// A word for records and counting.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotBegun => "not-begun",
            Self::State => "another-sign-in",
            Self::Issuer => "another-provider",
            Self::Malformed(_) => "malformed",
            Self::Refused(_) => "refused-by-provider",
            Self::Silent(_) => "provider-silent",
            Self::Discovery(_) => "provider-configuration",
            Self::Token(_) => "token-refused",
            Self::Replayed => "replayed",
            Self::NoAccount => "no-account",
            Self::NoRandomness => "no-randomness",
        }
    }
}
