//! One person's signature over the digest of a statement: by passkey, or by a key in a file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::authenticator::{Authenticator, Means, Signature};

use crate::webauthn::{
    Assertion, AssertionError, Ceremony, KeyError, VerifyingKey, verify_assertion,
};

/// A signature that verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// How often the authenticator signed so far; 0 when it does not count.
    pub sign_count: u32,
    /// Whether the key may live on more than one device.
    pub is_synced: bool,
}

/// Why a signature does not count.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    #[error("the signature says that it is by another authenticator")]
    OtherAuthenticator,
    #[error("the authenticator's id is not the one that its key makes")]
    NotNamedByItsKey,
    #[error("the signature is of another kind than the authenticator")]
    OtherMeans,
    #[error("`{0}` is not base64url without padding")]
    Base64(&'static str),
    #[error("the passkey's signature does not verify")]
    Passkey(#[from] AssertionError),
    #[error("a key file has an Ed25519 key")]
    KeyFileAlgorithm,
    #[error("the recorded public key is not accepted")]
    Key(#[from] KeyError),
    #[error("the signature is not the key file's over this digest")]
    KeyFile,
}

/// What the key in a file signs: a purpose of its own, so that no signature made for anything else fits.
pub fn key_file_message(digest: &[u8; 32]) -> Vec<u8> {
    [b"locum-signature/v1\n".as_slice(), digest].concat()
}

/// Whether this is the authenticator's signature over the digest. A passkey must have answered the digest as its
/// challenge, on the pages it was enrolled on, with its user verified. `last_count` is the highest count it was seen
/// with before.
///
/// That the authenticator is the person's, and counted at the time, is the caller's to know.
///
/// # Errors
/// [`SignatureError`] naming what was wrong.
pub fn verify_signature(
    signature: &Signature,
    authenticator: &Authenticator,
    digest: &[u8; 32],
    last_count: Option<u32>,
) -> Result<Signed, SignatureError> {
    if *signature.authenticator() != authenticator.id {
        return Err(SignatureError::OtherAuthenticator);
    }
    if !authenticator.is_named_by_its_key() {
        return Err(SignatureError::NotNamedByItsKey);
    }
    match (signature, &authenticator.means) {
        (
            Signature::Passkey {
                authenticator_data,
                client_data_json,
                signature,
                ..
            },
            Means::Passkey { rp_id, origin, .. },
        ) => {
            let data = bytes("authenticator_data", authenticator_data)?;
            let client_data = bytes("client_data_json", client_data_json)?;
            let signature = bytes("signature", signature)?;
            let assertion = Assertion {
                authenticator_data: &data,
                client_data_json: &client_data,
                signature: &signature,
            };
            let ceremony = Ceremony {
                rp_id,
                origin,
                challenge: digest,
            };
            let asserted = verify_assertion(&assertion, authenticator, &ceremony, last_count)?;
            Ok(Signed {
                sign_count: asserted.sign_count,
                is_synced: asserted.is_synced,
            })
        }
        (Signature::KeyFile { signature, .. }, Means::KeyFile) => {
            let signature = bytes("signature", signature)?;
            let key = VerifyingKey::of(&authenticator.public_key)?;
            if !matches!(key, VerifyingKey::Ed25519(_)) {
                return Err(SignatureError::KeyFileAlgorithm);
            }
            if !key.verifies(&key_file_message(digest), &signature) {
                return Err(SignatureError::KeyFile);
            }
            Ok(Signed {
                sign_count: 0,
                is_synced: false,
            })
        }
        _ => Err(SignatureError::OtherMeans),
    }
}

/// One spelling for the same bytes: no padding, no stray bits.
fn bytes(member: &'static str, text: &str) -> Result<Vec<u8>, SignatureError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| SignatureError::Base64(member))
}
