//! How a program proves who it is: `private_key_jwt` (RFC 7523).

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::error::TokenError;
use crate::jwk_set::JwkSet;
use crate::jws::Parsed;
use crate::key::Algorithm;

/// A verified client assertion. Refusing a second use of `jti` until `expires_at` is the
/// caller's part, and without it the assertion can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAssertion {
    /// The client.
    pub client_id: String,
    /// The id that may be used once.
    pub jti: String,
    /// Until when a second use must be remembered and refused, leeway included.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct ClientClaims {
    iss: String,
    sub: String,
    aud: String,
    jti: String,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
}

/// RFC 7519 allows fractions; other people's libraries write them.
struct NumericDate(i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A saturating cast: what is beyond the range is refused as too long or not yet valid.
        f64::deserialize(deserializer).map(|seconds| Self(seconds.floor() as i64))
    }
}

/// More than this is no id.
const LONGEST_JTI_BYTES: usize = 256;

impl ClientAssertion {
    /// Stock clients ask for an hour; refusing that refuses them.
    pub const LONGEST_SECONDS: i64 = 3600;

    /// The client that a token *claims* to come from, for finding its keys. Nothing is verified.
    pub fn claimed_client_id(token: &str) -> Result<String, TokenError> {
        let claims: ClientClaims = Parsed::read(token)?.claims()?;
        Ok(claims.sub)
    }

    /// Verifies an assertion by `client_id`, whose registered keys are `keys`. `audiences` are
    /// this server's issuer and the URL of its token endpoint; stock clients send one or the other.
    pub fn verify(
        token: &str,
        client_id: &str,
        keys: &JwkSet,
        audiences: [&str; 2],
        now: Timestamp,
        leeway_seconds: u8,
    ) -> Result<Self, TokenError> {
        let parsed = Parsed::read(token)?;
        if !parsed.typ().is_none_or(is_client_type) {
            return Err(parsed.wrong_type());
        }
        verify_by_any(&parsed, keys)?;
        let claims: ClientClaims = parsed.claims()?;
        if claims.iss != client_id {
            return Err(TokenError::Issuer { found: claims.iss });
        }
        if claims.sub != claims.iss {
            return Err(TokenError::Subject);
        }
        if !audiences.contains(&claims.aud.as_str()) {
            return Err(TokenError::Audience { found: claims.aud });
        }
        let (now, leeway) = (now.as_second(), i64::from(leeway_seconds));
        let exp = claims.exp.0;
        if exp <= now.saturating_sub(leeway) {
            return Err(TokenError::Expired);
        }
        let begins = [claims.nbf, claims.iat].into_iter().flatten();
        if begins
            .map(|it| it.0)
            .any(|it| it > now.saturating_add(leeway))
        {
            return Err(TokenError::NotYetValid);
        }
        let too_long = TokenError::Life {
            longest: Self::LONGEST_SECONDS,
        };
        if exp.saturating_sub(now) > Self::LONGEST_SECONDS.saturating_add(leeway) {
            return Err(too_long);
        }
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI_BYTES {
            let error = serde::de::Error::custom("`jti` is empty or too long");
            return Err(TokenError::Claims(error));
        }
        let expires_at =
            Timestamp::from_second(exp.saturating_add(leeway)).map_err(|_| too_long)?;
        Ok(Self {
            client_id: claims.sub,
            jti: claims.jti,
            expires_at,
        })
    }
}

fn is_client_type(typ: &str) -> bool {
    let bare = match typ.split_at_checked(12) {
        Some((prefix, bare)) if prefix.eq_ignore_ascii_case("application/") => bare,
        _ => typ,
    };
    bare.eq_ignore_ascii_case("JWT") || bare.eq_ignore_ascii_case("client-authentication+jwt")
}

/// A client names its keys as it likes, so its `kid` narrows the choice only where it is known.
fn verify_by_any(parsed: &Parsed<'_>, keys: &JwkSet) -> Result<(), TokenError> {
    let named = parsed.kid().and_then(|kid| keys.get(kid));
    let mut refusal = TokenError::UnknownKey {
        kid: parsed.kid().unwrap_or_default().to_owned(),
    };
    for key in keys.keys() {
        if named.is_some_and(|named| named != key) {
            continue;
        }
        match parsed.verify(key, is_spelling) {
            Ok(()) => return Ok(()),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// RFC 9864 renames `EdDSA` to `Ed25519`; clients send either.
fn is_spelling(algorithm: Algorithm, name: &str) -> bool {
    algorithm.name() == name || (algorithm == Algorithm::EdDsa && name == "Ed25519")
}
