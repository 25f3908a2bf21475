//! The ledger's signing key.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::Zeroizing;

use crate::epoch::{epoch_of, epoch_origin};
use crate::hash::Hash;
use crate::note_key::VerifierKeyError;
use crate::verifier_key::VerifierKey;

/// An Ed25519 key and the origin it signs for.
///
/// Whoever holds it can sign any history of this ledger. What it cannot do unseen is sign two:
/// witnesses and old checkpoints convict it.
#[derive(Clone)]
pub struct LedgerKey {
    verifier: VerifierKey,
    signing: SigningKey,
}

/// Why a key cannot sign for a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerKeyError {
    /// The text is no PKCS#8 Ed25519 key in PEM. The cause is left out: it could quote the key.
    #[error("not an Ed25519 private key in PKCS#8 PEM")]
    Pem,
    /// The origin cannot name a note key.
    #[error("the origin cannot name a key")]
    Origin(#[source] VerifierKeyError),
}

/// Writes the private key made from 32 random bytes as nameless PKCS#8 PEM
/// (RFC 8410, section 7), readable by `openssl pkey`.
///
/// # Errors
/// [`LedgerKeyError::Pem`] when the encoder refuses.
pub fn generate_pem(seed: &[u8; 32]) -> Result<Zeroizing<String>, LedgerKeyError> {
    // Without the public half (version 1 of the format): older OpenSSL cannot read version 2.
    KeypairBytes {
        secret_key: *seed,
        public_key: None,
    }
    .to_pkcs8_pem(LineEnding::LF)
    .map_err(|_| LedgerKeyError::Pem)
}

impl LedgerKey {
    /// Reads a nameless PKCS#8 PEM and names it after the ledger's origin.
    ///
    /// # Errors
    /// [`LedgerKeyError`] when the text is no such key or the origin cannot name one.
    pub fn from_pem(origin: &str, pem: &str) -> Result<Self, LedgerKeyError> {
        let signing = SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| LedgerKeyError::Pem)?;
        Self::new(origin, signing)
    }

    /// Makes the key from 32 random bytes.
    ///
    /// # Errors
    /// [`LedgerKeyError::Origin`] when the origin cannot name a key.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, LedgerKeyError> {
        Self::new(origin, SigningKey::from_bytes(seed))
    }

    fn new(origin: &str, signing: SigningKey) -> Result<Self, LedgerKeyError> {
        let verifier =
            VerifierKey::new(origin, signing.verifying_key()).map_err(LedgerKeyError::Origin)?;
        Ok(Self { verifier, signing })
    }

    /// The same key for another epoch of its ledger.
    ///
    /// # Errors
    /// [`LedgerKeyError::Origin`] when the origin cannot name a key.
    pub fn of_epoch(&self, number: u32) -> Result<Self, LedgerKeyError> {
        let (base, _) = epoch_of(self.origin());
        Self::new(&epoch_origin(base, number), self.signing.clone())
    }

    /// The origin line of every checkpoint, and the name of the key.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    /// What verifiers need.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a checkpoint over the tree of `size` leaves with this root: a signed note whose text
    /// is origin, size and root (C2SP tlog-checkpoint), without extension lines.
    ///
    /// Sign only a tree that continues every tree signed before: that is the log's one promise.
    #[must_use]
    pub fn sign_checkpoint(&self, size: u64, root: Hash) -> String {
        let text = format!("{}\n{size}\n{}\n", self.origin(), root.to_base64());
        let signature = self.signing.sign(text.as_bytes());
        let line = crate::checkpoint::signature_line(
            self.origin(),
            self.verifier.id(),
            &signature.to_bytes(),
        );
        format!("{text}\n{line}")
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerKey({})", self.verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_is_nameless_pkcs8_and_gives_one_verifier_key() {
        let seed = [7; 32];
        let pem = generate_pem(&seed).unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        // RFC 8410's 48 bytes: version 1, no attributes, no public half.
        assert_eq!(pem.lines().nth(1).map(str::len), Some(64));
        let read = LedgerKey::from_pem("ledger.example/locum", &pem).unwrap();
        let made = LedgerKey::from_seed("ledger.example/locum", &seed).unwrap();
        assert_eq!(read.verifier_key(), made.verifier_key());
        assert_eq!(read.origin(), "ledger.example/locum");
    }

    #[test]
    fn the_example_of_rfc_8410_is_read() {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
        let key = LedgerKey::from_pem("ledger.example", pem).unwrap();
        let public = key.verifier_key().public_key();
        assert_eq!(public[..4], [0x19, 0xbf, 0x44, 0x09]);
    }

    #[test]
    fn neither_a_broken_key_nor_an_impossible_origin_is_taken() {
        let error = LedgerKey::from_pem("ledger.example", "no key").unwrap_err();
        assert!(matches!(error, LedgerKeyError::Pem));
        for origin in ["", "a b", "a+b", "a\nb", "a\u{7f}b"] {
            let error = LedgerKey::from_seed(origin, &[7; 32]).unwrap_err();
            assert!(matches!(error, LedgerKeyError::Origin(_)), "{origin:?}");
        }
    }

    #[test]
    fn a_printed_key_does_not_show_its_secret() {
        let key = LedgerKey::from_seed("ledger.example", &[0x41; 32]).unwrap();
        let shown = format!("{key:?}");
        assert!(!shown.contains("41414141") && !shown.contains("65, 65"));
    }
}
