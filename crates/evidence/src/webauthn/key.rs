//! A public key and the one algorithm it verifies: ES256, Ed25519 or RS256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature as Ed25519Signature;
use ed25519_dalek::VerifyingKey as Ed25519Key;
use locum_domain::authenticator::PublicKey;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// Why bytes are no key that signatures could be checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a member of the key is not base64url without padding")]
    Base64,
    #[error("a P-256 key has two coordinates of 32 bytes")]
    P256,
    #[error("an Ed25519 key is 32 bytes that name a point which is not of small order")]
    Ed25519,
    #[error(
        "an RSA key has 2,048 to 4,096 bits, an odd exponent of 3 or more and no leading zeros"
    )]
    Rsa,
}

/// RSA keys below are forgeable, those above cost more to check than a stranger may make us spend. In bytes.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A public key. Its kind decides the algorithm: no signature can choose another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VerifyingKey {
    Ed25519([u8; 32]),
    P256 {
        x: [u8; 32],
        y: [u8; 32],
    },
    /// Big-endian, without leading zeros.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl VerifyingKey {
    /// The key that was recorded. Each key has one spelling, or it would have two thumbprints.
    pub(crate) fn of(key: &PublicKey) -> Result<Self, KeyError> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Base64);
        match key {
            PublicKey::Okp { x, .. } => Self::ed25519(&bytes(x)?),
            PublicKey::Ec { x, y, .. } => Self::p256(&bytes(x)?, &bytes(y)?),
            PublicKey::Rsa { n, e } => Self::rsa(&bytes(n)?, &bytes(e)?),
        }
    }

    /// As it is recorded.
    pub(crate) fn to_public_key(&self) -> PublicKey {
        match self {
            Self::Ed25519(x) => PublicKey::ed25519(x),
            Self::P256 { x, y } => PublicKey::p256(x, y),
            Self::Rsa { n, e } => PublicKey::rsa(n, e),
        }
    }

    /// An Ed25519 key. Points of small order are refused: under such a key one signature fits many messages.
    pub(crate) fn ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Ed25519)?;
        let key = Ed25519Key::from_bytes(&bytes).map_err(|_| KeyError::Ed25519)?;
        if key.is_weak() || key.to_bytes() != bytes {
            return Err(KeyError::Ed25519);
        }
        Ok(Self::Ed25519(bytes))
    }

    /// A P-256 key. Whether the point is on the curve shows when a signature is checked, and none verifies if not.
    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::P256 {
            x: x.try_into().map_err(|_| KeyError::P256)?,
            y: y.try_into().map_err(|_| KeyError::P256)?,
        })
    }

    /// An RSA key.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let is_minimal = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
        let is_odd = e.last().is_some_and(|byte| byte % 2 == 1);
        let is_sound = MODULUS_BYTES.contains(&n.len())
            && is_minimal(n)
            && is_minimal(e)
            && e.len() <= 4
            && is_odd
            && e != [1];
        if !is_sound {
            return Err(KeyError::Rsa);
        }
        Ok(Self::Rsa {
            n: n.to_vec(),
            e: e.to_vec(),
        })
    }

    /// Whether a signature over the message is this key's. ECDSA signatures are DER, as authenticators write them
    /// (§6.5.5); Ed25519 is checked strictly: canonical points and scalars.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(bytes) => {
                let key = Ed25519Key::from_bytes(bytes);
                let signature = Ed25519Signature::from_slice(signature);
                match (key, signature) {
                    (Ok(key), Ok(signature)) => key.verify_strict(message, &signature).is_ok(),
                    _ => false,
                }
            }
            Self::P256 { x, y } => {
                let point = [[4].as_slice(), x, y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                    .verify(message, signature)
                    .is_ok()
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}
