//! What an application receives with every request: who acts, as whom, for which case.

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

/// The claims of an assertion. There is no `auth_time`, `amr` or `acr`: whoever impersonates has
/// not authenticated as the subject and cannot step up as them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// The Locum that issued it.
    pub iss: String,
    /// The one application it is for.
    pub aud: String,
    /// The subject's id in that application.
    pub sub: String,
    /// Who acts.
    pub act: Actor,
    /// The client through which the actor acts.
    pub client_id: String,
    /// The granted operations of that application.
    pub scope: Scope,
    /// The session.
    pub sid: String,
    /// The access event, the same in every application of the session.
    pub txn: String,
    /// This assertion.
    pub jti: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from then on; at most 60 seconds after `iat`.
    pub exp: i64,
    /// The sender's key, where the session is bound to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Locum's own claims.
    #[serde(rename = "https://locum.dev/claims")]
    pub locum: LocumClaims,
}

/// The claims that no standard names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocumClaims {
    /// The case, as `CONNECTOR:NUMBER`.
    pub case: String,
    /// The grant.
    pub grant: String,
    /// What the session may do at most.
    pub mode: String,
    /// Did it come by the emergency route?
    pub break_glass: bool,
    /// The ledger position of the session's activation.
    pub activation: u64,
}

/// Everything an assertion says, before time and signature.
#[derive(Debug, Clone)]
pub struct AssertionInput {
    /// This Locum's issuer.
    pub issuer: String,
    /// The application's audience.
    pub audience: String,
    /// The subject's id in the application.
    pub subject: String,
    /// Who acts.
    pub actor: Actor,
    /// The client through which the actor acts.
    pub client_id: String,
    /// The granted operations of the application.
    pub scope: Scope,
    /// The session.
    pub session: String,
    /// The access event.
    pub access_event: String,
    /// A new id for this assertion.
    pub assertion_id: String,
    /// The sender's key, where the session is bound to one.
    pub confirmation: Option<Confirmation>,
    /// Locum's own claims.
    pub locum: LocumClaims,
    /// When the session ends at the latest; no assertion outlives it.
    pub session_ends_at: Timestamp,
}

impl Assertion {
    /// Its `typ`.
    pub const TYP: &'static str = "locum-assertion+jwt";
    /// The longest it may live.
    pub const LONGEST_SECONDS: i64 = 60;

    /// Makes and signs an assertion that is valid from `now`. Returns the token and its claims.
    pub fn issue(
        input: AssertionInput,
        now: Timestamp,
        key: &SigningKey,
        rng: &dyn SecureRandom,
    ) -> Result<(String, Self), IssueError> {
        let (iat, exp) = claims::life(now, input.session_ends_at, Self::LONGEST_SECONDS)?;
        let assertion = Self {
            iss: input.issuer,
            aud: input.audience,
            sub: input.subject,
            act: input.actor,
            client_id: input.client_id,
            scope: input.scope,
            sid: input.session,
            txn: input.access_event,
            jti: input.assertion_id,
            iat,
            nbf: iat,
            exp,
            cnf: input.confirmation,
            locum: input.locum,
        };
        let token = jws::sign(&assertion, Self::TYP, key, rng)?;
        Ok((token, assertion))
    }

    /// Verifies an assertion.
    pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Self, TokenError> {
        claims::verify(token, keys, expected)
    }
}

impl Claims for Assertion {
    const TYP: &'static str = Self::TYP;
    const LONGEST_SECONDS: i64 = Self::LONGEST_SECONDS;

    fn common(&self) -> Common<'_> {
        Common {
            iss: &self.iss,
            aud: &self.aud,
            iat: self.iat,
            nbf: self.nbf,
            exp: self.exp,
        }
    }
}
