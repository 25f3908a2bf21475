//! Deciding whether to cosign (C2SP tlog-witness, "add-checkpoint").

use locum_tlog::{
    Checkpoint, CheckpointError, CosignerKey, EMPTY_ROOT, VerifierKey, WitnessKey,
    verify_checkpoint, verify_consistency,
};

use crate::conflict;
use crate::memory::{Memory, MemoryError, Remembered};
use crate::submission::{Submission, SubmissionError};

/// A key, the ledgers it watches, and what it signed of each.
#[derive(Debug)]
pub struct Witness {
    key: WitnessKey,
    ledgers: Vec<VerifierKey>,
    memory: Memory,
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The body.
    #[error(transparent)]
    Malformed(#[from] SubmissionError),
    /// The old size is beyond the checkpoint.
    #[error("the old size {old} is larger than the checkpoint's {size}")]
    OldBeyond {
        /// As it was sent.
        old: u64,
        /// The checkpoint's.
        size: u64,
    },
    /// No key is known for this origin.
    #[error("`{0}` is not a ledger that is witnessed here")]
    UnknownLedger(String),
    /// None of the keys for this origin signed, or a line that says so does not verify.
    #[error("the checkpoint is not signed by its ledger: {0}")]
    NotSigned(#[source] CheckpointError),
    /// The proof begins elsewhere than at the newest cosigned checkpoint.
    #[error("the newest checkpoint that was cosigned has {0} entries")]
    OtherSize(u64),
    /// The checkpoint does not continue the newest cosigned one.
    #[error("the checkpoint is not shown to continue the one that was cosigned before")]
    NotContinued,
    /// The cosignature cannot be remembered, so it is not given.
    #[error("nothing can be remembered at the moment")]
    Memory(#[from] MemoryError),
}

impl Witness {
    /// Witnesses these ledgers with the memory of this key. One origin may have several keys.
    #[must_use]
    pub const fn new(key: WitnessKey, ledgers: Vec<VerifierKey>, memory: Memory) -> Self {
        Self {
            key,
            ledgers,
            memory,
        }
    }

    /// What others need to check its cosignatures.
    #[must_use]
    pub const fn cosigner_key(&self) -> &CosignerKey {
        self.key.cosigner_key()
    }

    /// Checks a checkpoint, remembers it, and answers with the signature line.
    ///
    /// `now` is in seconds since 1970-01-01 UTC. Comparing and remembering are one step, because
    /// this takes the witness exclusively.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was signed.
    pub fn add_checkpoint(&mut self, body: &[u8], now: u64) -> Result<String, Refusal> {
        let submission = Submission::parse(body)?;
        let (checkpoint, note) = self.signed(&submission.note)?;
        let (old, size) = (submission.old, checkpoint.size());
        if old > size {
            return Err(Refusal::OldBeyond { old, size });
        }
        self.check_history(&submission, &checkpoint)?;
        let line = self.key.cosign(&note, now).map_err(Refusal::NotSigned)?;
        let note = Checkpoint::with_signatures(&note, &line).map_err(Refusal::NotSigned)?;
        let claim = Checkpoint::parse_unverified(&note).map_err(Refusal::NotSigned)?;
        self.memory.remember(Remembered { note, claim })?;
        Ok(line)
    }

    /// The newest checkpoint of a ledger with its own and this witness's signature, by the
    /// lower-case hexadecimal SHA-256 of the origin.
    #[must_use]
    pub fn checkpoint(&self, origin_hash: &str) -> Option<&str> {
        let remembered = self.memory.by_origin_hash(origin_hash)?;
        Some(&remembered.note)
    }

    /// The checkpoint, and its note with the signature that was checked and no other.
    fn signed(&self, note: &str) -> Result<(Checkpoint, String), Refusal> {
        let origin = Checkpoint::parse_unverified(note)
            .map_err(Refusal::NotSigned)?
            .origin;
        let mut unsigned = None;
        let mut signed = None;
        for key in self.ledgers.iter().filter(|key| key.name() == origin) {
            match verify_checkpoint(note, key) {
                Ok(checkpoint) => {
                    let note = Checkpoint::signed_only_by(note, key).map_err(Refusal::NotSigned)?;
                    signed.get_or_insert((checkpoint, note));
                }
                Err(error @ CheckpointError::Unsigned(_)) => unsigned = Some(error),
                Err(error) => return Err(Refusal::NotSigned(error)),
            }
        }
        match (signed, unsigned) {
            (Some(signed), _) => Ok(signed),
            (None, Some(error)) => Err(Refusal::NotSigned(error)),
            (None, None) => Err(Refusal::UnknownLedger(origin)),
        }
    }

    fn check_history(
        &self,
        submission: &Submission,
        checkpoint: &Checkpoint,
    ) -> Result<(), Refusal> {
        let before = self.memory.newest(checkpoint.origin());
        let (size, root) = before.map_or((0, EMPTY_ROOT), |it| (it.claim.size, it.claim.root));
        if submission.old != size {
            return Err(Refusal::OtherSize(size));
        }
        let (proof, new) = (&submission.proof, checkpoint.size());
        let verdict = verify_consistency(proof, size, root, new, checkpoint.root());
        verdict.map_err(|_| {
            if let Some(before) = before {
                conflict::tell(&self.memory, before, &submission.note, checkpoint);
            }
            Refusal::NotContinued
        })
    }
}
