//! Checkpoints: the signed size and root of the ledger (C2SP tlog-checkpoint, signed-note).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use signed_note::{Note, Signature, Verifier as _};

use crate::hash::Hash;
use crate::verifier_key::VerifierKey;

/// A checkpoint whose signature by the ledger's key was verified: only [`verify_checkpoint`]
/// makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    unknown_signatures: Vec<SignatureLine>,
}

/// What a checkpoint claims, before anybody checked who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedCheckpoint {
    /// The ledger it says it is of.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// Everything that claims to be a signature, in order.
    pub signatures: Vec<SignatureLine>,
}

/// Who a signature line says it is by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The key's name.
    pub name: String,
    /// The key's id; shown as eight hexadecimal digits in verifier keys.
    pub key_id: u32,
}

/// Why a checkpoint is not one of this ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error("not a signed note")]
    Note,
    /// The note's text is not origin, size and root in their one canonical spelling.
    #[error("the note is no checkpoint")]
    Text,
    /// Signed for another ledger than the key's.
    #[error("the checkpoint is of `{origin}`, the key of `{expected}`")]
    Origin {
        /// The origin that the checkpoint states.
        origin: String,
        /// The name of the key.
        expected: String,
    },
    /// No signature line is by the key.
    #[error("the checkpoint is not signed by `{0}`")]
    Unsigned(String),
    /// The line by the key does not verify, or there are two.
    #[error("the signature by `{0}` does not verify")]
    Signature(String),
}

/// Checks that a note is a checkpoint of the ledger whose key this is.
///
/// Exactly one signature line must be by the key, and verify strictly. Lines by other keys are
/// ignored, as signed-note demands, and named in [`Checkpoint::unknown_signatures`].
///
/// # Errors
/// [`CheckpointError`] says what is missing or wrong.
pub fn verify_checkpoint(
    note: impl AsRef<[u8]>,
    key: &VerifierKey,
) -> Result<Checkpoint, CheckpointError> {
    let note = SignedText::parse(note.as_ref())?;
    let claim = note.claim()?;
    if claim.origin != key.name() {
        return Err(CheckpointError::Origin {
            origin: claim.origin,
            expected: key.name().to_owned(),
        });
    }
    let mut by_key = note.signatures_by(key.name(), key.id());
    let Some(signature) = by_key.next() else {
        return Err(CheckpointError::Unsigned(key.to_string()));
    };
    if by_key.next().is_some() || !key.verify(&note.text, signature) {
        return Err(CheckpointError::Signature(key.to_string()));
    }
    let unknown_signatures = claim
        .signatures
        .into_iter()
        .filter(|line| line.name != key.name() || line.key_id != key.id())
        .collect();
    Ok(Checkpoint {
        origin: claim.origin,
        size: claim.size,
        root: claim.root,
        unknown_signatures,
    })
}

impl Checkpoint {
    /// Reads a checkpoint without asking who signed it: for showing whose it claims to be, and
    /// for finding the key to check it with. Believe nothing in it.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] or [`CheckpointError::Text`] when it is malformed.
    pub fn parse_unverified(
        note: impl AsRef<[u8]>,
    ) -> Result<UnverifiedCheckpoint, CheckpointError> {
        SignedText::parse(note.as_ref())?.claim()
    }

    /// The same note with further signature lines, as a witness returned them, behind its own.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the lines are no signature lines.
    pub fn with_signatures(note: &str, lines: &str) -> Result<String, CheckpointError> {
        let joined = format!("{note}{lines}");
        SignedText::parse(joined.as_bytes())?;
        Ok(joined)
    }

    /// The same note without the signature lines of others than this key: for keeping what was
    /// checked and nothing else.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the note is malformed.
    pub fn signed_only_by(note: &str, key: &VerifierKey) -> Result<String, CheckpointError> {
        let signed = SignedText::parse(note.as_bytes())?;
        let text = note.get(..=signed.text.len());
        let mut only = text.ok_or(CheckpointError::Note)?.to_owned();
        for signature in signed.signatures_by(key.name(), key.id()) {
            only += &signature_line(key.name(), key.id(), signature);
        }
        Ok(only)
    }

    /// The ledger it is of.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Signature lines by other keys: not checked, and nothing to rely on.
    #[must_use]
    pub fn unknown_signatures(&self) -> &[SignatureLine] {
        &self.unknown_signatures
    }
}

/// One signature line of a note: em dash, name, key id and signature in base64, newline.
pub(crate) fn signature_line(name: &str, key_id: u32, signature: &[u8]) -> String {
    let bytes = [&key_id.to_be_bytes(), signature].concat();
    format!("\u{2014} {name} {}\n", BASE64_STANDARD.encode(bytes))
}

/// A note taken apart: `signed_note` parses signature lines and does not show them.
pub(crate) struct SignedText {
    pub(crate) text: Vec<u8>,
    signatures: Vec<Signature>,
}

impl SignedText {
    pub(crate) fn parse(note: &[u8]) -> Result<Self, CheckpointError> {
        // Says no more than "malformed", and nothing about the place.
        let text = Note::from_bytes(note)
            .map_err(|_| CheckpointError::Note)?
            .text()
            .to_vec();
        let lines = note.get(text.len() + 1..).ok_or(CheckpointError::Note)?;
        let signatures = lines
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| Signature::from_bytes(line.strip_suffix(b"\n").unwrap_or(line)))
            .collect::<Result<_, _>>()
            .map_err(|_| CheckpointError::Note)?;
        Ok(Self { text, signatures })
    }

    /// The signatures that say they are by this key.
    pub(crate) fn signatures_by<'a>(
        &'a self,
        name: &'a str,
        key_id: u32,
    ) -> impl Iterator<Item = &'a [u8]> {
        self.signatures
            .iter()
            .filter(move |line| line.name() == name && line.id() == key_id)
            .map(Signature::signature)
    }

    /// Size and root are read in their canonical spelling only; extension lines are covered by
    /// the signature and otherwise ignored.
    pub(crate) fn claim(&self) -> Result<UnverifiedCheckpoint, CheckpointError> {
        let text =
            tlog_tiles::Checkpoint::from_bytes(&self.text).map_err(|_| CheckpointError::Text)?;
        let signatures = self
            .signatures
            .iter()
            .map(|line| SignatureLine {
                name: line.name().to_owned(),
                key_id: line.id(),
            })
            .collect();
        Ok(UnverifiedCheckpoint {
            origin: text.origin().to_owned(),
            size: text.size(),
            root: Hash::from_bytes(text.hash().0),
            signatures,
        })
    }
}
