//! The keys of a witness: who cosigns a ledger's checkpoints (C2SP tlog-cosignature).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::checkpoint::{CheckpointError, SignedText, signature_line};
use crate::key::LedgerKeyError;
use crate::note_key::{COSIGNATURE_V1, NamedKey, NoteKey, VerifierKeyError};

/// What a verifier must hold to check a witness's cosignatures, written `name+hash+base64`. Its
/// type byte differs from a ledger key's, so that neither is ever taken for the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignerKey(NoteKey);

/// That a witness saw a checkpoint continue everything it had seen of that ledger before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness.
    pub cosigner: String,
    /// When it signed, in seconds since 1970-01-01 UTC, by its own clock.
    pub time: u64,
}

/// Why the line of a witness counts for nothing. Such a note is malformed (C2SP signed-note).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The note is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The line by the witness does not verify, or its time is none.
    #[error("the cosignature by `{0}` does not verify")]
    Signature(String),
}

impl CosignerKey {
    /// Reads `name+hash+base64`, alone on its line; space around it is ignored.
    ///
    /// # Errors
    /// [`VerifierKeyError`] for anything else; [`VerifierKeyError::Algorithm`] says which type of key it is.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        NoteKey::parse(text, COSIGNATURE_V1).map(Self)
    }

    pub(crate) fn of(named: NamedKey) -> Result<Self, VerifierKeyError> {
        NoteKey::of(named, COSIGNATURE_V1).map(Self)
    }

    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The first four bytes of the hash over name and key, which signature lines carry.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.0.id()
    }

    /// The raw Ed25519 public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.0.public_key()
    }

    /// Looks for this witness's cosignature on a checkpoint: the newest, if it signed more than
    /// once, and nothing if it did not. Whether the ledger itself signed is another question
    /// ([`crate::verify_checkpoint`]).
    ///
    /// # Errors
    /// [`CosignatureError`] when the note is no checkpoint, or a line that names this key does
    /// not verify.
    pub fn cosignature(
        &self,
        note: impl AsRef<[u8]>,
    ) -> Result<Option<Cosignature>, CosignatureError> {
        let note = SignedText::parse(note.as_ref())?;
        let newest = self.newest(&note)?;
        Ok(newest.map(|(time, _)| Cosignature {
            cosigner: self.name().to_owned(),
            time,
        }))
    }

    /// As [`Self::cosignature`], but the signature line itself, ended by a newline: for adding it
    /// to the same checkpoint elsewhere.
    ///
    /// # Errors
    /// As [`Self::cosignature`].
    pub fn line(&self, note: impl AsRef<[u8]>) -> Result<Option<String>, CosignatureError> {
        let note = SignedText::parse(note.as_ref())?;
        let newest = self.newest(&note)?;
        Ok(newest.map(|(_, signature)| signature_line(self.name(), self.id(), signature)))
    }

    fn newest<'n>(
        &'n self,
        note: &'n SignedText,
    ) -> Result<Option<(u64, &'n [u8])>, CosignatureError> {
        note.claim()?;
        let mut newest = None;
        for line in note.signatures_by(self.name(), self.id()) {
            let time = self.time_of(&note.text, line);
            let time = time.ok_or_else(|| CosignatureError::Signature(self.to_string()))?;
            newest = newest.max(Some((time, line)));
        }
        Ok(newest)
    }

    /// The time in a cosignature that verifies.
    fn time_of(&self, text: &[u8], signature: &[u8]) -> Option<u64> {
        let (time, signature) = signature.split_first_chunk()?;
        let time = u64::from_be_bytes(*time);
        (i64::try_from(time).is_ok() && self.0.verify(&message(time, text), signature))
            .then_some(time)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CosignerKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        Self::parse(text)
    }
}

/// The private key of a witness.
///
/// It promises: among all checkpoints of one origin that it signs, each continues the one before.
/// Keeping that promise needs a memory that outlives the process.
#[derive(Clone)]
pub struct WitnessKey {
    cosigner: CosignerKey,
    signing: SigningKey,
}

impl WitnessKey {
    /// Reads a nameless PKCS#8 PEM ([`crate::generate_pem`]) and names it after the witness.
    /// Use it for nothing else: the message that is signed does not commit to the name.
    ///
    /// # Errors
    /// [`LedgerKeyError`] when the text is no such key or the name cannot name one.
    pub fn from_pem(name: &str, pem: &str) -> Result<Self, LedgerKeyError> {
        let signing = SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| LedgerKeyError::Pem)?;
        Self::new(name, signing)
    }

    /// Makes the key from 32 random bytes.
    ///
    /// # Errors
    /// [`LedgerKeyError::Origin`] when the name cannot name a key.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerKeyError> {
        Self::new(name, SigningKey::from_bytes(seed))
    }

    fn new(name: &str, signing: SigningKey) -> Result<Self, LedgerKeyError> {
        let key = NoteKey::new(name, COSIGNATURE_V1, signing.verifying_key())
            .map_err(LedgerKeyError::Origin)?;
        Ok(Self {
            cosigner: CosignerKey(key),
            signing,
        })
    }

    /// What verifiers need.
    #[must_use]
    pub const fn cosigner_key(&self) -> &CosignerKey {
        &self.cosigner
    }

    /// Cosigns a checkpoint, at a time in seconds since 1970-01-01 UTC: one signature line, ended
    /// by a newline. That the checkpoint is signed by its ledger and continues the last one is
    /// for the caller to have checked.
    ///
    /// # Errors
    /// [`CheckpointError`] when the note is no checkpoint.
    pub fn cosign(&self, note: impl AsRef<[u8]>, time: u64) -> Result<String, CheckpointError> {
        let note = SignedText::parse(note.as_ref())?;
        note.claim()?;
        let signature = self.signing.sign(&message(time, &note.text)).to_bytes();
        let signature = [time.to_be_bytes().as_slice(), &signature].concat();
        let (name, id) = (self.cosigner.name(), self.cosigner.id());
        Ok(signature_line(name, id, &signature))
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessKey({})", self.cosigner)
    }
}

/// What is signed (C2SP tlog-cosignature, "Ed25519 signed message").
fn message(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, LedgerKey, leaf_hash, verify_checkpoint};

    const TIME: u64 = 1_679_315_147;

    /// The checkpoint of the specification's example, with its ledger's and its witness's line.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

    fn ledger() -> LedgerKey {
        LedgerKey::from_seed("ledger.example/locum", &[1; 32]).unwrap()
    }

    fn witness() -> WitnessKey {
        WitnessKey::from_seed("witness.example/w1", &[2; 32]).unwrap()
    }

    fn cosigned() -> String {
        let note = ledger().sign_checkpoint(7, leaf_hash(b"root"));
        let line = witness().cosign(&note, TIME).unwrap();
        Checkpoint::with_signatures(&note, &line).unwrap()
    }

    #[test]
    fn r24_a_cosigned_checkpoint_is_still_the_ledgers_and_names_its_witness() {
        let note = cosigned();
        let checkpoint = verify_checkpoint(&note, ledger().verifier_key()).unwrap();
        assert_eq!(checkpoint.unknown_signatures().len(), 1);
        let cosignature = witness().cosigner_key().cosignature(&note).unwrap();
        let cosigner = "witness.example/w1".to_owned();
        assert_eq!(
            cosignature,
            Some(Cosignature {
                cosigner,
                time: TIME
            })
        );
    }

    #[test]
    fn r24_a_witness_that_did_not_sign_is_not_named() {
        let other = WitnessKey::from_seed("witness.example/w2", &[3; 32]).unwrap();
        assert_eq!(other.cosigner_key().cosignature(cosigned()), Ok(None));
    }

    #[test]
    fn r24_a_ledgers_key_is_no_witnesss_key() {
        let ledger = ledger();
        let text = ledger.verifier_key().to_string();
        assert_eq!(
            CosignerKey::parse(&text),
            Err(VerifierKeyError::Algorithm(0x01))
        );
        let text = witness().cosigner_key().to_string();
        assert_eq!(
            CosignerKey::parse(&text).unwrap(),
            *witness().cosigner_key()
        );
        assert_eq!(
            crate::VerifierKey::parse(&text),
            Err(VerifierKeyError::Algorithm(0x04))
        );
    }

    #[test]
    fn r24_no_bit_of_a_cosignature_or_of_what_it_covers_can_change() {
        let note = cosigned();
        let key = witness().cosigner_key().clone();
        let line = note.find("\u{2014} ledger.example").unwrap();
        let own = note.find("\u{2014} witness.example").unwrap();
        let covered = (0..line).chain(own..note.len());
        for place in covered {
            for flip in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[place] ^= 1 << flip;
                assert!(
                    !matches!(key.cosignature(&bytes), Ok(Some(_))),
                    "{place} {flip}"
                );
            }
        }
    }

    #[test]
    fn a_second_cosignature_of_one_witness_tells_the_newer_time() {
        let note = cosigned();
        let later = witness().cosign(&note, TIME + 60).unwrap();
        let note = Checkpoint::with_signatures(&note, &later).unwrap();
        let cosignature = witness().cosigner_key().cosignature(&note).unwrap();
        assert_eq!(cosignature.map(|it| it.time), Some(TIME + 60));
    }

    #[test]
    fn a_note_is_kept_with_the_lines_that_were_checked() {
        let plain = ledger().sign_checkpoint(7, leaf_hash(b"root"));
        let only = Checkpoint::signed_only_by(&cosigned(), ledger().verifier_key());
        assert_eq!(only, Ok(plain));
    }

    #[test]
    fn the_example_of_the_specification_has_the_time_that_it_says() {
        let note = SignedText::parse(EXAMPLE.as_bytes()).unwrap();
        let line = note
            .signatures_by("witness.example.com/w1", 0x8d66_cf3f)
            .next();
        let (time, signature) = line.unwrap().split_first_chunk().unwrap();
        assert_eq!(u64::from_be_bytes(*time), 1_679_315_147);
        assert_eq!(signature.len(), 64);
    }
}
