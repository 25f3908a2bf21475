//! What every token of Locum's own must satisfy.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{IssueError, TokenError};
use crate::jwk_set::JwkSet;
use crate::jws;

/// What the verifier demands of a token, and the time it is.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who must have issued it.
    pub issuer: &'a str,
    /// Who it must be for: exactly one string, compared byte by byte.
    pub audience: &'a str,
    /// The time of the verifier's clock.
    pub now: Timestamp,
    /// How far the issuer's clock may be from it.
    pub leeway_seconds: u8,
}

/// Proof of possession (RFC 7800) by a DPoP key (RFC 9449).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of the key that the sender must prove to hold.
    pub jkt: String,
}

pub(crate) struct Common<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
}

pub(crate) trait Claims: DeserializeOwned {
    const TYP: &'static str;
    const LONGEST_SECONDS: i64;

    fn common(&self) -> Common<'_>;
}

pub(crate) fn verify<C: Claims>(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<C, TokenError> {
    let claims: C = jws::verify(token, C::TYP, keys)?;
    let common = claims.common();
    if common.iss != expected.issuer {
        return Err(TokenError::Issuer {
            found: common.iss.to_owned(),
        });
    }
    if common.aud != expected.audience {
        return Err(TokenError::Audience {
            found: common.aud.to_owned(),
        });
    }
    let life = common.exp.saturating_sub(common.iat.min(common.nbf));
    if life < 0 || life > C::LONGEST_SECONDS {
        return Err(TokenError::Life {
            longest: C::LONGEST_SECONDS,
        });
    }
    let (now, leeway) = (expected.now.as_second(), i64::from(expected.leeway_seconds));
    if common.exp <= now.saturating_sub(leeway) {
        return Err(TokenError::Expired);
    }
    if common.nbf.max(common.iat) > now.saturating_add(leeway) {
        return Err(TokenError::NotYetValid);
    }
    Ok(claims)
}

/// Issue and expiry for a token of at most `longest_seconds` that dies with its session.
pub(crate) fn life(
    now: Timestamp,
    session_ends_at: Timestamp,
    longest_seconds: i64,
) -> Result<(i64, i64), IssueError> {
    let iat = now.as_second();
    let exp = session_ends_at
        .as_second()
        .min(iat.saturating_add(longest_seconds));
    if exp <= iat {
        return Err(IssueError::SessionOver);
    }
    Ok((iat, exp))
}
