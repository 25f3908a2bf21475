//! Why a token was refused, or could not be made.

/// Why a token was refused. The first reason found is the one told.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Longer than anything Locum or a stock client sends.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The cap that was exceeded.
        limit: usize,
    },
    /// Not three parts of unpadded base64url.
    #[error("not a compact signature of three base64url parts")]
    Shape,
    /// The protected header is not acceptable JSON.
    #[error("header is not acceptable JSON")]
    Header(#[source] serde_json::Error),
    /// The header demands an extension; none is understood.
    #[error("header has `crit`")]
    CriticalHeader,
    /// `typ` is another token's.
    #[error("type is `{found}`")]
    Type {
        /// What the header said; empty when it said nothing.
        found: String,
    },
    /// No key that the verifier trusts has this `kid`.
    #[error("key `{kid}` is unknown")]
    UnknownKey {
        /// What the header said; empty when it said nothing.
        kid: String,
    },
    /// `alg` is not the one algorithm of the key.
    #[error("algorithm `{found}` is not the key's")]
    Algorithm {
        /// What the header said.
        found: String,
    },
    /// The signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// A claim is missing, repeated or of the wrong form.
    #[error("claims are not acceptable")]
    Claims(#[source] serde_json::Error),
    /// `iss` is somebody else.
    #[error("issuer is `{found}`")]
    Issuer {
        /// What the token said.
        found: String,
    },
    /// `aud` is somebody else.
    #[error("audience is `{found}`")]
    Audience {
        /// What the token said.
        found: String,
    },
    /// A client assertion speaks for another subject than its issuer.
    #[error("subject is not the issuer")]
    Subject,
    /// Valid for longer than such a token may be, or ends before it begins.
    #[error("life is not within {longest} seconds")]
    Life {
        /// The longest life of this kind of token.
        longest: i64,
    },
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not yet valid")]
    NotYetValid,
}

impl TokenError {
    /// A stable word for records, metrics and test vectors.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too-long",
            Self::Shape | Self::Header(_) => "malformed",
            Self::CriticalHeader => "critical-header",
            Self::Type { .. } => "type",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Algorithm { .. } => "algorithm",
            Self::Signature => "signature",
            Self::Claims(_) => "claims",
            Self::Issuer { .. } => "issuer",
            Self::Audience { .. } => "audience",
            Self::Subject => "subject",
            Self::Life { .. } => "life",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
        }
    }
}

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The session it would speak for is over.
    #[error("the session has no time left")]
    SessionOver,
    /// The claims could not be written as JSON.
    #[error("claims could not be written")]
    Claims(#[source] serde_json::Error),
    /// The key refused to sign.
    #[error("the key could not sign")]
    Signing,
}
