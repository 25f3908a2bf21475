//! Keys that sign.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SecureRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::jwk::{Material, VerifyingKey};

/// A signature algorithm. Every key has exactly one, and it decides, never the token's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519, written `EdDSA`.
    EdDsa,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, at least 2048 bits.
    Rs256,
}

impl Algorithm {
    /// The name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

impl std::str::FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        match name {
            "EdDSA" => Ok(Self::EdDsa),
            "ES256" => Ok(Self::Es256),
            "RS256" => Ok(Self::Rs256),
            _ => Err(KeyError::Algorithm {
                name: name.to_owned(),
            }),
        }
    }
}

/// Why a signing key could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not one of `EdDSA`, `ES256`, `RS256`.
    #[error("`{name}` is not an algorithm known here")]
    Algorithm {
        /// What was asked for.
        name: String,
    },
    /// No `PRIVATE KEY` block, or its body is not base64.
    #[error("not a PEM file with one `PRIVATE KEY`")]
    Pem,
    /// Not an Ed25519, P-256 or RSA (2048 bits and more) key in PKCS#8.
    #[error("not a PKCS#8 private key for EdDSA, ES256 or RS256")]
    Pkcs8,
    /// RSA keys are brought, not made here.
    #[error("RSA keys cannot be generated: make one with another tool and name its file")]
    RsaGeneration,
    /// The source of random bytes failed.
    #[error("no random bytes")]
    Random,
}

enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// A private key and the one algorithm it signs with. Its `Debug` shows the key id only.
pub struct SigningKey {
    pair: Pair,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// Reads a PKCS#8 `PRIVATE KEY` block. `rng` blinds ECDSA keys.
    pub fn from_pkcs8_pem(pem: &str, rng: &dyn SecureRandom) -> Result<Self, KeyError> {
        let body = pem
            .split_once("-----BEGIN PRIVATE KEY-----")
            .and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"))
            .map(|(body, _)| body)
            .ok_or(KeyError::Pem)?;
        let joined: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
        let der = Zeroizing::new(
            STANDARD
                .decode(joined.as_bytes())
                .map_err(|_| KeyError::Pem)?,
        );
        Self::from_pkcs8_der(&der, rng)
    }

    /// Reads a PKCS#8 private key; what kind it is, the key itself says.
    pub fn from_pkcs8_der(der: &[u8], rng: &dyn SecureRandom) -> Result<Self, KeyError> {
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            let material = Material::EdDsa(pair.public_key().as_ref().to_vec());
            return Ok(Self::of(Pair::EdDsa(pair), material));
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, rng) {
            let material = Material::Es256(pair.public_key().as_ref().to_vec());
            return Ok(Self::of(Pair::Es256(pair), material));
        }
        let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::Pkcs8)?;
        let PublicKeyComponents { n, e } = PublicKeyComponents::from(pair.public());
        Ok(Self::of(Pair::Rs256(pair), Material::Rs256 { n, e }))
    }

    fn of(pair: Pair, material: Material) -> Self {
        Self {
            pair,
            verifying: VerifyingKey::of(material),
        }
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// The key id: the RFC 7638 thumbprint of the public half.
    pub fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// The public half.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The bare signature over `message`.
    pub(crate) fn sign(&self, message: &[u8], rng: &dyn SecureRandom) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::EdDsa(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Pair::Es256(pair) => Some(pair.sign(rng, message).ok()?.as_ref().to_vec()),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, rng, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}

/// PKCS#8 up to the 32 bytes of an Ed25519 seed. Written here because `ring` makes version 2
/// (with the public key), which several common tools cannot read.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A new private key as a PKCS#8 `PRIVATE KEY` block.
pub fn generate_pem(
    algorithm: Algorithm,
    rng: &dyn SecureRandom,
) -> Result<Zeroizing<String>, KeyError> {
    match algorithm {
        Algorithm::EdDsa => {
            let mut der = Zeroizing::new([0; 48]);
            let (head, seed) = der.split_at_mut(ED25519_PKCS8.len());
            head.copy_from_slice(&ED25519_PKCS8);
            rng.fill(seed).map_err(|_| KeyError::Random)?;
            Ok(pem(der.as_slice()))
        }
        Algorithm::Es256 => {
            let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, rng)
                .map_err(|_| KeyError::Random)?;
            Ok(pem(der.as_ref()))
        }
        Algorithm::Rs256 => Err(KeyError::RsaGeneration),
    }
}

fn pem(der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + 80));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (at, letter) in body.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str("\n-----END PRIVATE KEY-----\n");
    text
}
