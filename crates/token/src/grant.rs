//! What activation hands to a program: exchangeable for access tokens, and for nothing else.

use jiff::Timestamp;
use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::claims::{self, Claims, Common, Expected};
use crate::error::{IssueError, TokenError};
use crate::jwk_set::JwkSet;
use crate::jws;
use crate::key::SigningKey;

/// The claims of a grant token. Its audience is the issuer: no application accepts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantToken {
    /// The Locum that issued it.
    pub iss: String,
    /// The same Locum.
    pub aud: String,
    /// The case's subject.
    pub sub: String,
    /// Who activated, and so the only one who may exchange it.
    pub act: Actor,
    /// The session it dies with.
    pub sid: String,
    /// This token.
    pub jti: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid from then on: the end of the session.
    pub exp: i64,
    /// Locum's own claims.
    #[serde(rename = "https://locum.dev/claims")]
    pub locum: GrantClaims,
}

/// The claims that no standard names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantClaims {
    /// The grant.
    pub grant: String,
    /// The request that it fulfils.
    pub request: String,
}

/// Everything a grant token says, before time and signature.
#[derive(Debug, Clone)]
pub struct GrantTokenInput {
    /// This Locum's issuer.
    pub issuer: String,
    /// The case's subject.
    pub subject: String,
    /// Who activated.
    pub actor: Actor,
    /// The session.
    pub session: String,
    /// The grant.
    pub grant: String,
    /// The request.
    pub request: String,
    /// A new id for this token.
    pub token_id: String,
    /// When the session ends at the latest.
    pub session_ends_at: Timestamp,
}

impl GrantToken {
    /// Its `typ`.
    pub const TYP: &'static str = "locum-grant+jwt";
    /// No grant can be activated for longer than a day (R04).
    pub const LONGEST_SECONDS: i64 = 24 * 60 * 60;

    /// Makes and signs a grant token that is valid until the session's end.
    pub fn issue(
        input: GrantTokenInput,
        now: Timestamp,
        key: &SigningKey,
        rng: &dyn SecureRandom,
    ) -> Result<String, IssueError> {
        let (iat, exp) = claims::life(now, input.session_ends_at, Self::LONGEST_SECONDS)?;
        let grant = Self {
            aud: input.issuer.clone(),
            iss: input.issuer,
            sub: input.subject,
            act: input.actor,
            sid: input.session,
            jti: input.token_id,
            iat,
            exp,
            locum: GrantClaims {
                grant: input.grant,
                request: input.request,
            },
        };
        jws::sign(&grant, Self::TYP, key, rng)
    }

    /// Verifies a grant token; `expected.audience` is the issuer itself.
    pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Self, TokenError> {
        claims::verify(token, keys, expected)
    }
}

impl Claims for GrantToken {
    const TYP: &'static str = Self::TYP;
    const LONGEST_SECONDS: i64 = Self::LONGEST_SECONDS;

    fn common(&self) -> Common<'_> {
        Common {
            iss: &self.iss,
            aud: &self.aud,
            iat: self.iat,
            nbf: self.iat,
            exp: self.exp,
        }
    }
}
