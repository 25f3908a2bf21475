//! What an identity provider says when somebody signed out there (OpenID Connect Back-Channel Logout 1.0).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::TokenError;
use crate::id_token::{Audience, ProviderTokenError, check_time, is_bare, seconds, verify_by};
use crate::jwk_set::JwkSet;
use crate::jws::Parsed;

/// The event that makes it a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// More than this is no id.
const LONGEST_JTI_BYTES: usize = 256;

/// A verified logout token. Refusing a second use of `jti` until `expires_at` is the caller's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// The account; everything of it when there is no session.
    pub subject: Option<String>,
    /// The one session that is over.
    pub session: Option<String>,
    /// The id that may be used once.
    pub jti: String,
    /// Until when a second use must be remembered and refused, leeway included.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct LogoutClaims {
    iss: String,
    aud: Audience,
    iat: f64,
    exp: f64,
    jti: String,
    events: Map<String, Value>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
}

impl LogoutToken {
    /// Its `typ`; older providers send `JWT` or none (§2.4).
    pub const TYP: &'static str = "logout+jwt";

    /// Verifies a logout token for `client_id` (§2.6).
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`] inside when none of `keys` signed it: the provider may have rotated them.
    pub fn verify(
        token: &str,
        keys: &JwkSet,
        issuer: &str,
        client_id: &str,
        now: Timestamp,
        leeway_seconds: u8,
    ) -> Result<Self, ProviderTokenError> {
        let parsed = Parsed::read(token)?;
        let is_own_type = |typ: &str| typ.eq_ignore_ascii_case(Self::TYP);
        if !is_bare(parsed.typ()) && !parsed.typ().is_some_and(is_own_type) {
            return Err(parsed.wrong_type().into());
        }
        verify_by(&parsed, keys)?;
        // Whatever its value, a nonce makes it an ID token that somebody passes for a logout token.
        let all: Map<String, Value> = parsed.claims()?;
        if all.contains_key("nonce") {
            return Err(ProviderTokenError::Nonce);
        }
        let claims: LogoutClaims = parsed.claims()?;
        if claims.iss != issuer {
            return Err(TokenError::Issuer { found: claims.iss }.into());
        }
        claims.aud.check(client_id, Some(client_id))?;
        let expires = seconds(claims.exp);
        check_time(seconds(claims.iat), None, expires, now, leeway_seconds)?;
        if !claims.events.get(EVENT).is_some_and(Value::is_object) {
            return Err(ProviderTokenError::Event);
        }
        if claims.sub.is_none() && claims.sid.is_none() {
            return Err(ProviderTokenError::Nobody);
        }
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI_BYTES {
            let error = serde::de::Error::custom("`jti` is empty or too long");
            return Err(TokenError::Claims(error).into());
        }
        // Once it is too old it is refused for that; there is no need to remember it for longer.
        let remembered = expires.saturating_add(i64::from(leeway_seconds));
        Ok(Self {
            subject: claims.sub,
            session: claims.sid,
            jti: claims.jti,
            expires_at: Timestamp::from_second(remembered).unwrap_or(Timestamp::MAX),
        })
    }
}
