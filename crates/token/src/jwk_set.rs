//! The keys of one issuer or one client, as RFC 7517 §5 writes them.

use serde::Deserialize;

use crate::json;
use crate::jwk::{JwkError, VerifyingKey};

/// The keys one verifier trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<VerifyingKey>,
}

#[derive(Deserialize)]
struct JwkSetText {
    keys: Vec<serde_json::Value>,
}

impl JwkSet {
    /// A set of these keys.
    pub fn of(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
        }
    }

    /// Reads a JWK Set. As RFC 7517 §5 asks, keys that cannot be used here are passed over.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        let set: JwkSetText = json::parse(text.as_bytes()).map_err(JwkError::Json)?;
        let usable = set
            .keys
            .into_iter()
            .filter_map(|jwk| VerifyingKey::read(serde_json::from_value(jwk).ok()?).ok());
        Ok(Self::of(usable))
    }

    /// Reads what an operator wrote for a client: one JWK or a JWK Set, every key usable.
    pub fn from_operator(text: &str) -> Result<Self, JwkError> {
        let value: serde_json::Value = json::parse(text.as_bytes()).map_err(JwkError::Json)?;
        let jwks = match value.get("keys") {
            Some(serde_json::Value::Array(jwks)) => jwks.clone(),
            _ => vec![value],
        };
        let keys = jwks
            .into_iter()
            .map(|jwk| VerifyingKey::read(serde_json::from_value(jwk).map_err(JwkError::Json)?))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { keys })
    }

    /// The set as `/.well-known/jwks.json` serves it.
    pub fn to_json(&self) -> serde_json::Value {
        let keys: Vec<_> = self.keys.iter().map(VerifyingKey::to_jwk).collect();
        serde_json::json!({ "keys": keys })
    }

    /// The keys.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The key with this id.
    pub fn get(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}
