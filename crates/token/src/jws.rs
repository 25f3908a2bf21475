//! Compact JSON Web Signatures (RFC 7515), and nothing of RFC 7515 that Locum does not use.
//!
//! The key decides the algorithm and the caller decides the type; the header may only agree.
//! Keys named inside a header (`jwk`, `jku`, `x5c`) are never looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SecureRandom;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{IssueError, TokenError};
use crate::json;
use crate::jwk::VerifyingKey;
use crate::jwk_set::JwkSet;
use crate::key::{Algorithm, SigningKey};

/// No token of ours, nor of a stock client, comes near this.
pub const LONGEST_TOKEN_BYTES: usize = 8 * 1024;

#[derive(Serialize)]
struct SignedHeader<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

/// `null` counts as being there.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Signs `claims` as a token of type `typ`.
pub fn sign<C: Serialize>(
    claims: &C,
    typ: &str,
    key: &SigningKey,
    rng: &dyn SecureRandom,
) -> Result<String, IssueError> {
    let header = SignedHeader {
        alg: key.algorithm().name(),
        typ,
        kid: key.kid(),
    };
    let mut token = String::with_capacity(1024);
    for part in [serde_json::to_vec(&header), serde_json::to_vec(claims)] {
        URL_SAFE_NO_PAD.encode_string(part.map_err(IssueError::Claims)?, &mut token);
        token.push('.');
    }
    token.pop();
    let signature = key.sign(token.as_bytes(), rng).ok_or(IssueError::Signing)?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// A token that has been taken apart; nothing about it is verified.
pub(crate) struct Parsed<'t> {
    header: Header,
    payload: &'t str,
    message: &'t str,
    signature: Vec<u8>,
}

impl<'t> Parsed<'t> {
    pub(crate) fn read(token: &'t str) -> Result<Self, TokenError> {
        Self::read_within(token, LONGEST_TOKEN_BYTES)
    }

    /// Reads a token of at most `limit` bytes.
    pub(crate) fn read_within(token: &'t str, limit: usize) -> Result<Self, TokenError> {
        if token.len() > limit {
            return Err(TokenError::TooLong { limit });
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Shape)?;
        if payload.contains('.') {
            return Err(TokenError::Shape);
        }
        let header: Header = json::parse(&decode(header)?).map_err(TokenError::Header)?;
        if header.crit {
            return Err(TokenError::CriticalHeader);
        }
        Ok(Self {
            header,
            payload,
            message,
            signature: decode(signature)?,
        })
    }

    pub(crate) fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    pub(crate) fn wrong_type(&self) -> TokenError {
        TokenError::Type {
            found: self.header.typ.clone().unwrap_or_default(),
        }
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The signature by `key`; `spellings` are the names its algorithm may have in the header.
    pub(crate) fn verify(
        &self,
        key: &VerifyingKey,
        spellings: impl Fn(Algorithm, &str) -> bool,
    ) -> Result<(), TokenError> {
        if !spellings(key.algorithm(), &self.header.alg) {
            return Err(TokenError::Algorithm {
                found: self.header.alg.clone(),
            });
        }
        if !key.verifies(self.message.as_bytes(), &self.signature) {
            return Err(TokenError::Signature);
        }
        Ok(())
    }

    /// The claims, believed only as far as the caller has verified.
    pub(crate) fn claims<C: DeserializeOwned>(&self) -> Result<C, TokenError> {
        json::parse(&decode(self.payload)?).map_err(TokenError::Claims)
    }
}

/// Verifies a token of type `typ` signed by the key that its `kid` names, and reads its claims.
/// Who it is for and whether its time has come is the caller's to check.
pub fn verify<C: DeserializeOwned>(token: &str, typ: &str, keys: &JwkSet) -> Result<C, TokenError> {
    let parsed = Parsed::read(token)?;
    if parsed.typ() != Some(typ) {
        return Err(parsed.wrong_type());
    }
    let kid = parsed.kid().unwrap_or_default();
    let key = keys.get(kid).ok_or_else(|| TokenError::UnknownKey {
        kid: kid.to_owned(),
    })?;
    parsed.verify(key, |algorithm, name| algorithm.name() == name)?;
    parsed.claims()
}

/// Whether a token says that somebody acts as its subject (RFC 8693, section 4.1). Nothing about it is verified: a reason
/// to refuse, never to believe.
pub fn names_an_actor(token: &str) -> bool {
    #[derive(Deserialize)]
    struct Acting {
        act: Option<IgnoredAny>,
    }
    let claims = Parsed::read(token).and_then(|parsed| parsed.claims::<Acting>());
    claims.is_ok_and(|claims| claims.act.is_some())
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    // This engine refuses padding, white space, foreign letters and non-zero trailing bits.
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Shape)
}
