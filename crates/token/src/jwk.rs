//! Keys that verify, as RFC 7517 writes them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};

use crate::json;
use crate::key::Algorithm;

/// Above 4096 bits a single verification costs more than a stranger may make us spend.
const LONGEST_MODULUS_BYTES: usize = 512;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Material {
    EdDsa(Vec<u8>),
    /// The uncompressed point, 65 bytes.
    Es256(Vec<u8>),
    Rs256 {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// A public key, the one algorithm it verifies and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    material: Material,
    kid: String,
}

/// Why a JWK cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JwkError {
    /// Not JSON, a member repeated, or one of the wrong type.
    #[error("not a JSON Web Key")]
    Json(#[source] serde_json::Error),
    /// Key type or curve is none of `OKP`/`Ed25519`, `EC`/`P-256`, `RSA`.
    #[error("key type `{kty}` is not supported")]
    KeyType {
        /// `kty`, and the curve where there is one.
        kty: String,
    },
    /// A member is missing, not base64url, or of the wrong length.
    #[error("member `{member}` is missing or malformed")]
    Member {
        /// Which one.
        member: &'static str,
    },
    /// The file holds a private or symmetric key where a public one belongs.
    #[error("holds a private key; only its public half belongs here")]
    Private,
    /// `alg` or `use` contradicts the key.
    #[error("`{member}` says the key is for something else")]
    Purpose {
        /// Which one.
        member: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// The private member of every asymmetric key type.
    #[serde(default, skip_serializing)]
    d: Option<serde::de::IgnoredAny>,
}

impl VerifyingKey {
    pub(crate) fn of(material: Material) -> Self {
        let kid = thumbprint(&material);
        Self { material, kid }
    }

    /// Reads one public JWK. Without a `kid` of its own it gets its thumbprint.
    pub fn from_jwk(text: &str) -> Result<Self, JwkError> {
        Self::read(json::parse(text.as_bytes()).map_err(JwkError::Json)?)
    }

    pub(crate) fn read(jwk: Jwk) -> Result<Self, JwkError> {
        if jwk.d.is_some() {
            return Err(JwkError::Private);
        }
        if jwk.purpose.as_deref().is_some_and(|it| it != "sig") {
            return Err(JwkError::Purpose { member: "use" });
        }
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => Material::EdDsa(bytes("x", jwk.x.as_deref(), 32)?),
            ("EC", Some("P-256")) => {
                let mut point = vec![4];
                point.extend(bytes("x", jwk.x.as_deref(), 32)?);
                point.extend(bytes("y", jwk.y.as_deref(), 32)?);
                Material::Es256(point)
            }
            ("RSA", _) => Material::Rs256 {
                n: modulus(jwk.n.as_deref())?,
                e: decode("e", jwk.e.as_deref())?,
            },
            ("oct", _) => return Err(JwkError::Private),
            (kty, crv) => {
                return Err(JwkError::KeyType {
                    kty: [Some(kty), crv]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join("/"),
                });
            }
        };
        let mut key = Self::of(material);
        if let Some(alg) = &jwk.alg
            && alg != key.algorithm().name()
            && !(key.algorithm() == Algorithm::EdDsa && alg == "Ed25519")
        {
            return Err(JwkError::Purpose { member: "alg" });
        }
        if let Some(kid) = jwk.kid {
            key.kid = kid;
        }
        Ok(key)
    }

    /// The one algorithm this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::EdDsa(_) => Algorithm::EdDsa,
            Material::Es256(_) => Algorithm::Es256,
            Material::Rs256 { .. } => Algorithm::Rs256,
        }
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The RFC 7638 thumbprint, whatever the key calls itself.
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.material)
    }

    /// The key as one JWK.
    pub fn to_jwk(&self) -> serde_json::Value {
        serde_json::to_value(self.jwk()).unwrap_or_default()
    }

    fn jwk(&self) -> Jwk {
        let mut jwk = Jwk {
            kty: String::new(),
            crv: None,
            x: None,
            y: None,
            n: None,
            e: None,
            kid: Some(self.kid.clone()),
            alg: Some(self.algorithm().name().to_owned()),
            purpose: Some("sig".to_owned()),
            d: None,
        };
        match &self.material {
            Material::EdDsa(x) => {
                jwk.kty = "OKP".to_owned();
                jwk.crv = Some("Ed25519".to_owned());
                jwk.x = Some(URL_SAFE_NO_PAD.encode(x));
            }
            Material::Es256(point) => {
                let (x, y) = coordinates(point);
                jwk.kty = "EC".to_owned();
                jwk.crv = Some("P-256".to_owned());
                jwk.x = Some(x);
                jwk.y = Some(y);
            }
            Material::Rs256 { n, e } => {
                jwk.kty = "RSA".to_owned();
                jwk.n = Some(URL_SAFE_NO_PAD.encode(n));
                jwk.e = Some(URL_SAFE_NO_PAD.encode(e));
            }
        }
        jwk
    }

    /// Does `signature` over `message` verify?
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(message, signature)
                .is_ok(),
            Material::Es256(key) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
                .verify(message, signature)
                .is_ok(),
            Material::Rs256 { n, e } => PublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

fn thumbprint(material: &Material) -> String {
    // RFC 7638 §3: the required members only, in this order, without white space. Every value is
    // base64url, so nothing needs escaping.
    let canonical = match material {
        Material::EdDsa(x) => {
            let x = URL_SAFE_NO_PAD.encode(x);
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
        }
        Material::Es256(point) => {
            let (x, y) = coordinates(point);
            format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
        Material::Rs256 { n, e } => {
            let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
            format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
        }
    };
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

fn coordinates(point: &[u8]) -> (String, String) {
    let (x, y) = point
        .get(1..)
        .unwrap_or_default()
        .split_at_checked(32)
        .unwrap_or_default();
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

fn decode(member: &'static str, value: Option<&str>) -> Result<Vec<u8>, JwkError> {
    value
        .and_then(|value| URL_SAFE_NO_PAD.decode(value).ok())
        .filter(|bytes| !bytes.is_empty())
        .ok_or(JwkError::Member { member })
}

fn bytes(member: &'static str, value: Option<&str>, len: usize) -> Result<Vec<u8>, JwkError> {
    let bytes = decode(member, value)?;
    if bytes.len() != len {
        return Err(JwkError::Member { member });
    }
    Ok(bytes)
}

fn modulus(value: Option<&str>) -> Result<Vec<u8>, JwkError> {
    let n = decode("n", value)?;
    // 2048 bits are 256 bytes whose first is not zero.
    if !(256..=LONGEST_MODULUS_BYTES).contains(&n.len()) || n.first() == Some(&0) {
        return Err(JwkError::Member { member: "n" });
    }
    Ok(n)
}
