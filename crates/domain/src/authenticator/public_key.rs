//! Public keys as JSON Web Keys (RFC 7517), with nothing in them but what names the key (RFC 7638).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ids::AuthenticatorId;

/// The public half of an authenticator. Each kind of key verifies exactly one algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty", deny_unknown_fields)]
pub enum PublicKey {
    /// Ed25519 (RFC 8037): EdDSA.
    #[serde(rename = "OKP")]
    Okp { crv: Ed25519, x: String },
    /// P-256 (RFC 7518, section 6.2): ES256.
    #[serde(rename = "EC")]
    Ec { crv: P256, x: String, y: String },
    /// RSA (RFC 7518, section 6.3): RS256.
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
}

/// The one curve of its kind that is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ed25519 {
    Ed25519,
}

/// The one curve of its kind that is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum P256 {
    #[serde(rename = "P-256")]
    P256,
}

impl PublicKey {
    /// The Ed25519 key of these bytes.
    pub fn ed25519(x: &[u8; 32]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(x);
        PublicKey::Okp {
            crv: Ed25519::Ed25519,
            x,
        }
    }

    /// The P-256 key at this point.
    pub fn p256(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        PublicKey::Ec {
            crv: P256::P256,
            x,
            y,
        }
    }

    /// The RSA key of this modulus and exponent, big-endian without leading zeros.
    pub fn rsa(n: &[u8], e: &[u8]) -> Self {
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        PublicKey::Rsa { n, e }
    }

    /// The SHA-256 thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> Thumbprint {
        // Texts under known names: the canonical form always exists, and is RFC 7638's own (section 3.3).
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        Thumbprint(URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)))
    }
}

/// A key's fingerprint: the base64url of its SHA-256 thumbprint (RFC 7638), 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// The thumbprint written as `text`, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The thumbprint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the authenticator with this key: the first half of the thumbprint.
    pub fn authenticator_id(&self) -> AuthenticatorId {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default();
        let mut id = [0; 16];
        for (place, byte) in id.iter_mut().zip(bytes) {
            *place = byte;
        }
        AuthenticatorId::from_bytes(id)
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_the_one_of_the_standards_own_example() {
        // RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj\
                 BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs\
                 8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G\
                 _xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::Rsa {
            n: n.to_owned(),
            e: "AQAB".to_owned(),
        };
        let thumbprint = key.thumbprint();
        assert_eq!(
            thumbprint.as_str(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        assert_eq!(Thumbprint::parse(thumbprint.as_str()), Some(thumbprint));
    }

    #[test]
    fn a_key_with_a_member_too_many_is_no_public_key() {
        let private = r#"{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}"#;
        assert!(serde_json::from_str::<PublicKey>(private).is_err());
        let other = r#"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#;
        assert!(serde_json::from_str::<PublicKey>(other).is_err());
    }
}
