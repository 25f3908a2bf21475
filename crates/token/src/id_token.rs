//! What an identity provider says about a sign-in: the ID token of OpenID Connect Core 1.0.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::digest::{SHA256, SHA512, digest};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::TokenError;
use crate::jwk::VerifyingKey;
use crate::jwk_set::JwkSet;
use crate::jws::Parsed;
use crate::key::Algorithm;

/// An ID token is asked for and comes at once; an older one was made for another sign-in.
const OLDEST_SECONDS: i64 = 600;

/// Some providers list every group of a person in it.
const LONGEST_BYTES: usize = 32 * 1024;

/// A verified ID token.
#[derive(Debug, Clone, PartialEq)]
pub struct IdToken {
    /// The provider's own name for the account.
    pub subject: String,
    /// The provider's session.
    pub session: Option<String>,
    /// When the person last proved themselves to the provider.
    pub authenticated_at: Option<Timestamp>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// Everything it says, by name.
    pub claims: Map<String, Value>,
}

/// What the client demands of an ID token, and the time it is.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedIdToken<'a> {
    /// The provider's issuer, exactly as discovered.
    pub issuer: &'a str,
    /// The client it must be for.
    pub client_id: &'a str,
    /// What this sign-in sent along.
    pub nonce: &'a str,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
    /// How many seconds ago the person may have proved themselves, when that was asked.
    pub max_age_seconds: Option<i64>,
    /// The time of the client's clock.
    pub now: Timestamp,
    /// How far the provider's clock may be from it.
    pub leeway_seconds: u8,
}

/// Why an ID token or a logout token was refused.
#[derive(Debug, thiserror::Error)]
pub enum ProviderTokenError {
    /// Wrong as any token can be.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Made for another sign-in, or for none.
    #[error("nonce is not this sign-in's")]
    Nonce,
    /// For several audiences, or used by another client than it is for.
    #[error("authorized party is not this client")]
    AuthorizedParty,
    /// Does not belong to the access token that came with it.
    #[error("access token is another one's")]
    AccessTokenHash,
    /// The person proved themselves too long ago, or the provider does not say when.
    #[error("the person did not prove themselves recently")]
    NotRecent,
    /// Issued longer ago than any sign-in or logout takes.
    #[error("issued too long ago")]
    Old,
    /// A logout token without the one event that makes it one.
    #[error("not about a logout")]
    Event,
    /// A logout token that names neither an account nor a session.
    #[error("names nobody to log out")]
    Nobody,
}

#[derive(Deserialize)]
struct IdTokenClaims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    iat: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    at_hash: Option<String>,
    #[serde(default)]
    auth_time: Option<f64>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(default)]
    sid: Option<String>,
}

/// OpenID Connect allows one audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Exactly ours; among several only when the token says that we are its party (§3.1.3.7, steps 3 to 5).
    pub(crate) fn check(
        &self,
        client_id: &str,
        authorized_party: Option<&str>,
    ) -> Result<(), ProviderTokenError> {
        let (found, is_alone) = match self {
            Audience::One(audience) => (audience == client_id, true),
            Audience::Several(audiences) => (
                audiences.iter().any(|it| it == client_id),
                audiences.len() == 1,
            ),
        };
        if !found {
            let found = match self {
                Audience::One(audience) => audience.clone(),
                Audience::Several(audiences) => audiences.join(" "),
            };
            return Err(TokenError::Audience { found }.into());
        }
        match authorized_party {
            Some(party) if party == client_id => Ok(()),
            None if is_alone => Ok(()),
            _ => Err(ProviderTokenError::AuthorizedParty),
        }
    }
}

/// Seconds since 1970, of which other people's libraries write fractions. What is out of range is refused by the
/// comparisons that follow.
pub(crate) fn seconds(date: f64) -> i64 {
    date.floor() as i64
}

/// The provider's clock against ours: `iat`, `nbf` and `exp`.
pub(crate) fn check_time(
    issued: i64,
    not_before: Option<i64>,
    expires: i64,
    now: Timestamp,
    leeway_seconds: u8,
) -> Result<(), ProviderTokenError> {
    let (now, leeway) = (now.as_second(), i64::from(leeway_seconds));
    if expires <= now.saturating_sub(leeway) {
        return Err(TokenError::Expired.into());
    }
    if issued.max(not_before.unwrap_or(issued)) > now.saturating_add(leeway) {
        return Err(TokenError::NotYetValid.into());
    }
    if issued < now.saturating_sub(OLDEST_SECONDS) {
        return Err(ProviderTokenError::Old);
    }
    Ok(())
}

/// The key that the provider signed with: the one that the header names, or the only one it can be.
pub(crate) fn verify_by<'k>(
    parsed: &Parsed<'_>,
    keys: &'k JwkSet,
) -> Result<&'k VerifyingKey, TokenError> {
    let unknown = || TokenError::UnknownKey {
        kid: parsed.kid().unwrap_or_default().to_owned(),
    };
    let key = match (parsed.kid(), keys.keys()) {
        (Some(kid), _) => keys.get(kid).ok_or_else(unknown)?,
        // OpenID Connect Core §10.1: without `kid` there must be a single key.
        (None, [only]) => only,
        (None, _) => return Err(unknown()),
    };
    // RFC 9864 renames `EdDSA` to `Ed25519`; providers write either.
    parsed.verify(key, |algorithm, name| {
        algorithm.name() == name || (algorithm == Algorithm::EdDsa && name == "Ed25519")
    })?;
    Ok(key)
}

/// Whether a type is that of a bare JWT; an absent one is.
pub(crate) fn is_bare(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"))
}

impl IdToken {
    /// Verifies an ID token (OpenID Connect Core 1.0, §3.1.3.7).
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`] inside when none of `keys` signed it: the provider may have rotated them.
    pub fn verify(
        token: &str,
        keys: &JwkSet,
        expected: &ExpectedIdToken<'_>,
    ) -> Result<Self, ProviderTokenError> {
        let parsed = Parsed::read_within(token, LONGEST_BYTES)?;
        // Other tokens of the same provider have a type of their own, a logout token first of all.
        if !is_bare(parsed.typ()) {
            return Err(parsed.wrong_type().into());
        }
        let key = verify_by(&parsed, keys)?;
        let claims: IdTokenClaims = parsed.claims()?;
        if claims.iss != expected.issuer {
            return Err(TokenError::Issuer { found: claims.iss }.into());
        }
        let party = claims.azp.as_deref();
        claims.aud.check(expected.client_id, party)?;
        check_time(
            seconds(claims.iat),
            claims.nbf.map(seconds),
            seconds(claims.exp),
            expected.now,
            expected.leeway_seconds,
        )?;
        if claims.nonce.as_deref() != Some(expected.nonce) {
            return Err(ProviderTokenError::Nonce);
        }
        if let (Some(hash), Some(token)) = (&claims.at_hash, expected.access_token)
            && *hash != access_token_hash(key.algorithm(), token)
        {
            return Err(ProviderTokenError::AccessTokenHash);
        }
        let authenticated = claims.auth_time.map(seconds);
        if let Some(max_age) = expected.max_age_seconds {
            let leeway = i64::from(expected.leeway_seconds);
            let oldest = expected
                .now
                .as_second()
                .saturating_sub(max_age.saturating_add(leeway));
            if authenticated.is_none_or(|at| at < oldest) {
                return Err(ProviderTokenError::NotRecent);
            }
        }
        if claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(TokenError::Subject.into());
        }
        Ok(Self {
            subject: claims.sub,
            session: claims.sid,
            authenticated_at: authenticated.and_then(|at| Timestamp::from_second(at).ok()),
            acr: claims.acr,
            amr: claims.amr,
            claims: parsed.claims()?,
        })
    }
}

/// The left half of the access token's hash (§3.1.3.6), by the hash of the ID token's algorithm; for Ed25519 that is
/// SHA-512.
fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::EdDsa => &SHA512,
        Algorithm::Es256 | Algorithm::Rs256 => &SHA256,
    };
    let hash = digest(hash, access_token.as_bytes());
    let half = hash.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..half).unwrap_or_default())
}
