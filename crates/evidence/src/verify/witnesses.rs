//! Who beside its operator saw the history that the checkpoint is over.

use jiff::Timestamp;
use locum_tlog::{Checkpoint, TrustError, TrustPolicy, VerifierKey};
use serde::Serialize;

/// What the cosignatures on a pack's checkpoint show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessesVerified {
    /// Organisations other than the ledger's own that cosigned, each counted once. By a trust policy alone: without
    /// one nobody's cosignature is known to be anybody's.
    pub outside: usize,
    /// The cosignatures that were verified.
    pub cosigned: Vec<CosignatureVerified>,
    /// Signature lines on the checkpoint that nobody checked, by name.
    pub unchecked: Vec<String>,
    /// Witnesses of the trust policy whose keys are of a type that is not understood.
    pub not_understood: Vec<String>,
    /// Whether a trust policy was given.
    pub is_policy_given: bool,
}

/// One witness's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CosignatureVerified {
    pub witness: String,
    /// By the witness's own clock.
    pub at: Timestamp,
}

/// Checks the cosignatures that the trust policy knows, and that they are enough for it.
pub(crate) fn check(
    note: &str,
    key: &VerifierKey,
    policy: Option<&TrustPolicy>,
) -> Result<WitnessesVerified, TrustError> {
    let claim = Checkpoint::parse_unverified(note)?;
    let others = claim.signatures.into_iter().map(|line| line.name);
    let mut unchecked: Vec<String> = others.filter(|name| name != key.name()).collect();
    let Some(policy) = policy else {
        return Ok(WitnessesVerified {
            outside: 0,
            cosigned: Vec::new(),
            unchecked,
            not_understood: Vec::new(),
            is_policy_given: false,
        });
    };
    let trusted = policy.verify(note, Some(key))?;
    unchecked.retain(|name| trusted.cosignatures.iter().all(|it| it.cosigner != *name));
    let cosigned = trusted.cosignatures.into_iter().map(|it| {
        // A time beyond what can be written is kept as the last that can.
        let seconds = i64::try_from(it.time).unwrap_or(i64::MAX);
        CosignatureVerified {
            witness: it.cosigner,
            at: Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX),
        }
    });
    Ok(WitnessesVerified {
        outside: trusted.outside_operators,
        cosigned: cosigned.collect(),
        unchecked,
        not_understood: trusted.not_understood,
        is_policy_given: true,
    })
}

impl WitnessesVerified {
    /// The part of the answer that says who saw it.
    pub(crate) fn sentence(&self) -> String {
        let seen = match self.outside {
            0 => "; vouched for by the operator alone".to_owned(),
            1 => "; seen by 1 outside witness".to_owned(),
            more => format!("; seen by {more} outside witnesses"),
        };
        match self.unchecked.len() {
            0 => seen,
            1 if !self.is_policy_given => {
                format!("{seen}: 1 cosignature was not checked against a trust policy")
            }
            more if !self.is_policy_given => {
                format!("{seen}: {more} cosignatures were not checked against a trust policy")
            }
            _ => seen,
        }
    }
}
