//! One entry's inclusion, offline (C2SP tlog-proof).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError, verify_checkpoint};
use crate::hash::Hash;
use crate::verifier_key::VerifierKey;
use crate::verify::{ProofError, verify_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A tree has at most this many levels above a leaf.
const MOST_HASHES: usize = 64;

/// A checkpoint and the hashes that lead to it from one leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque bytes for the application. Nothing authenticates them: trust them for nothing.
    pub extra: Option<Vec<u8>>,
    /// The leaf's place in the log, from 0.
    pub index: u64,
    /// From the leaf's sibling to the root's child (RFC 6962, section 2.1.1).
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

/// Why a text is no proof, or proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not the form of the specification in its one canonical spelling.
    #[error("not a tlog-proof")]
    Format,
    /// The checkpoint does not verify.
    #[error("the proof's checkpoint does not verify")]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead to the checkpoint's root.
    #[error("the entry is not shown to be in the ledger")]
    Inclusion(#[from] ProofError),
}

impl TlogProof {
    /// Writes the text form; conventional file extension `.tlog-proof`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            text += &format!("extra {}\n", BASE64_STANDARD.encode(extra));
        }
        text += &format!("index {}\n", self.index);
        for hash in &self.hashes {
            text += &hash.to_base64();
            text.push('\n');
        }
        text.push('\n');
        text += &self.checkpoint;
        text
    }

    /// Reads the text form, in the one spelling that [`Self::encode`] writes. The checkpoint is
    /// only checked for its form.
    ///
    /// # Errors
    /// [`TlogProofError::Format`], or [`TlogProofError::Checkpoint`] when that is malformed.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Format)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(TlogProofError::Format);
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(extra) => {
                lines.next();
                let extra = BASE64_STANDARD.decode(extra);
                Some(extra.map_err(|_| TlogProofError::Format)?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(|index| index.parse().ok())
            .ok_or(TlogProofError::Format)?;
        let hashes: Vec<Hash> = lines
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()
            .map_err(|_| TlogProofError::Format)?;
        Checkpoint::parse_unverified(checkpoint)?;
        let proof = Self {
            extra,
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        };
        if proof.hashes.len() > MOST_HASHES || proof.encode() != text {
            return Err(TlogProofError::Format);
        }
        Ok(proof)
    }

    /// Checks that the leaf is in the ledger whose key this is, and gives the checkpoint that
    /// says so.
    ///
    /// # Errors
    /// [`TlogProofError`] when the checkpoint does not verify or the hashes do not lead to it.
    pub fn verify(&self, leaf: Hash, key: &VerifierKey) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = verify_checkpoint(&self.checkpoint, key)?;
        verify_inclusion(
            &self.hashes,
            checkpoint.size(),
            checkpoint.root(),
            self.index,
            leaf,
        )?;
        Ok(checkpoint)
    }
}
