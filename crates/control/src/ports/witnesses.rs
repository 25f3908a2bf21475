//! Other people's witnesses (C2SP tlog-witness), asked to cosign this ledger's checkpoints.

use async_trait::async_trait;

/// What a witness made of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// Signature lines, to be verified before they are believed.
    Lines(String),
    /// It cosigned a checkpoint over this many entries last, and wants the proof from there.
    OtherSize(u64),
    /// It was not shown that the checkpoint continues the one it cosigned.
    NotContinued,
}

/// The witness gave no usable answer, in words that hold no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WitnessSilent(pub String);

/// Sends checkpoints to witnesses. Its holder could keep a witness from answering; it cannot make a cosignature.
#[async_trait]
pub trait Witnesses: Send + Sync {
    /// One `add-checkpoint` below the witness's submission prefix.
    ///
    /// # Errors
    /// When there is no answer, or none of the specification's.
    async fn add_checkpoint(
        &self,
        prefix: &str,
        submission: String,
    ) -> Result<WitnessAnswer, WitnessSilent>;
}
