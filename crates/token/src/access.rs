//! What a program shows at the gateway: an RFC 9068 access token for one application.

use jiff::Timestamp;
use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::claims::{self, Claims, Common, Confirmation, Expected};
use crate::error::{IssueError, TokenError};
use crate::jwk_set::JwkSet;
use crate::jws;
use crate::key::SigningKey;
use crate::scope::Scope;

/// The claims of an access token. Its audience is the application's address at the gateway, so
/// that the application itself, behind the gateway, has no reason to accept it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The Locum that issued it.
    pub iss: String,
    /// The `base_url` of the one application it opens.
    pub aud: String,
    /// The subject's id in that application.
    pub sub: String,
    /// The client that asked for it.
    pub client_id: String,
    /// Who acts.
    pub act: Actor,
    /// The granted operations of that application.
    pub scope: Scope,
    /// The session; the token is worth nothing once it has ended.
    pub sid: String,
    /// This token.
    pub jti: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid from then on; at most 300 seconds after `iat`.
    pub exp: i64,
    /// The sender's key, where the token is bound to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// Everything an access token says, before time and signature.
#[derive(Debug, Clone)]
pub struct AccessTokenInput {
    /// This Locum's issuer.
    pub issuer: String,
    /// The application's `base_url`.
    pub base_url: String,
    /// The subject's id in the application.
    pub subject: String,
    /// The client that asks.
    pub client_id: String,
    /// Who acts.
    pub actor: Actor,
    /// The granted operations of the application.
    pub scope: Scope,
    /// The session.
    pub session: String,
    /// A new id for this token.
    pub token_id: String,
    /// The sender's key, where the token is bound to one.
    pub confirmation: Option<Confirmation>,
    /// When the session ends at the latest; no token outlives it.
    pub session_ends_at: Timestamp,
}

impl AccessToken {
    /// Its `typ`.
    pub const TYP: &'static str = "at+jwt";
    /// The longest it may live.
    pub const LONGEST_SECONDS: i64 = 300;

    /// Makes and signs an access token. Returns the token and its claims.
    pub fn issue(
        input: AccessTokenInput,
        now: Timestamp,
        key: &SigningKey,
        rng: &dyn SecureRandom,
    ) -> Result<(String, Self), IssueError> {
        let (iat, exp) = claims::life(now, input.session_ends_at, Self::LONGEST_SECONDS)?;
        let access = Self {
            iss: input.issuer,
            aud: input.base_url,
            sub: input.subject,
            client_id: input.client_id,
            act: input.actor,
            scope: input.scope,
            sid: input.session,
            jti: input.token_id,
            iat,
            exp,
            cnf: input.confirmation,
        };
        let token = jws::sign(&access, Self::TYP, key, rng)?;
        Ok((token, access))
    }

    /// Verifies an access token. One with `cnf` still needs its proof.
    pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Self, TokenError> {
        claims::verify(token, keys, expected)
    }

    /// Seconds from issue to expiry, as the token endpoint tells them.
    pub fn expires_in_seconds(&self) -> i64 {
        self.exp.saturating_sub(self.iat)
    }
}

impl Claims for AccessToken {
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
