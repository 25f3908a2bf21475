//! Whom a reader trusts: a transparency log trust policy (C2SP tlog-policy), and what it says
//! about one checkpoint.

mod operator;
mod parse;

use crate::checkpoint::{Checkpoint, CheckpointError, verify_checkpoint};
use crate::cosigner::{Cosignature, CosignatureError, CosignerKey};
use crate::note_key::NamedKey;
use crate::verifier_key::VerifierKey;

pub use operator::operator_of;
pub use parse::{TrustPolicyError, TrustPolicyProblem};

/// Which ledgers and witnesses are known, and which witnesses together make a checkpoint count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    names: Vec<Named>,
    /// The place among the names; nothing for `quorum none`.
    quorum: Option<usize>,
}

/// A witness of a trust policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it; means nothing outside of the file.
    pub name: String,
    /// Its key.
    pub key: WitnessVerifier,
    /// Where it takes checkpoints: the submission prefix of C2SP tlog-witness.
    pub url: Option<String>,
}

/// A witness's key, or what it is called when it is of a type that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessVerifier {
    /// Ed25519, cosignature/v1.
    Ed25519(CosignerKey),
    /// Named, and never counted.
    NotUnderstood {
        /// The key's name.
        name: String,
        /// Its signature type; 0x06 is ML-DSA-44.
        algorithm: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    name: String,
    member: Member,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// A checkpoint that a trust policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// What is trusted.
    pub checkpoint: Checkpoint,
    /// Who of the policy's witnesses cosigned it, in the policy's order.
    pub cosignatures: Vec<Cosignature>,
    /// How many organisations other than the ledger's own stand behind these cosignatures: see
    /// [`operator_of`].
    pub outside_operators: usize,
    /// Witnesses of the policy whose keys are of a type that is not understood: they were not
    /// asked, and count for nothing.
    pub not_understood: Vec<String>,
}

/// Why a trust policy does not accept a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Malformed, or not signed as its ledger would sign it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// None of the policy's logs has this origin.
    #[error("the checkpoint is of `{0}`, which is none of the logs that are trusted")]
    UnknownLog(String),
    /// A line by a trusted witness does not verify.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// Too few witnesses.
    #[error("{}", too_few(quorum, cosigned, not_understood))]
    Quorum {
        /// The name that the policy asks for.
        quorum: String,
        /// Who cosigned, by the policy's names.
        cosigned: Vec<String>,
        /// Witnesses whose keys are not understood.
        not_understood: Vec<String>,
    },
}

fn too_few(quorum: &str, cosigned: &[String], not_understood: &[String]) -> String {
    let by = if cosigned.is_empty() {
        "none of the witnesses cosigned".to_owned()
    } else {
        format!("only {} cosigned", cosigned.join(", "))
    };
    let mut text = format!("the quorum `{quorum}` is not met: {by}");
    if !not_understood.is_empty() {
        let unknown = not_understood.join(", ");
        text = format!("{text}; keys of {unknown} are of a type that is not understood");
    }
    text
}

impl TrustPolicy {
    /// The policy of nobody else: any ledger that is known from elsewhere, and no witness.
    #[must_use]
    pub const fn without_witnesses() -> Self {
        Self {
            logs: Vec::new(),
            witnesses: Vec::new(),
            names: Vec::new(),
            quorum: None,
        }
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`TrustPolicyError`] with the line, counted from 1.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, TrustPolicyError> {
        parse::parse(text.as_ref())
    }

    /// The ledgers that are trusted to sign; may be none when the ledger is known from elsewhere.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses that are known, whether the quorum asks for them or not.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether no cosignature is asked for.
    #[must_use]
    pub const fn is_without_witnesses(&self) -> bool {
        self.quorum.is_none()
    }

    /// Judges a checkpoint. A policy without logs judges checkpoints of the `known` ledger.
    ///
    /// # Errors
    /// [`TrustError`] says what is missing.
    pub fn verify(
        &self,
        note: impl AsRef<[u8]>,
        known: Option<&VerifierKey>,
    ) -> Result<Trusted, TrustError> {
        let note = note.as_ref();
        let checkpoint = self.signed_by_a_log(note, known)?;
        let mut cosignatures = Vec::new();
        let mut has_cosigned = vec![false; self.witnesses.len()];
        for (witness, cosigned) in self.witnesses.iter().zip(&mut has_cosigned) {
            if let WitnessVerifier::Ed25519(key) = &witness.key
                && let Some(cosignature) = key.cosignature(note)?
            {
                *cosigned = true;
                cosignatures.push(cosignature);
            }
        }
        let not_understood = self.not_understood();
        if let Some(quorum) = self.quorum
            && !self.is_met(quorum, &has_cosigned)
        {
            let cosigned = self.witnesses.iter().zip(&has_cosigned);
            return Err(TrustError::Quorum {
                quorum: self
                    .names
                    .get(quorum)
                    .map_or_else(String::new, |it| it.name.clone()),
                cosigned: cosigned
                    .filter(|(_, cosigned)| **cosigned)
                    .map(|(witness, _)| witness.name.clone())
                    .collect(),
                not_understood,
            });
        }
        Ok(Trusted {
            outside_operators: operator::outside(checkpoint.origin(), &cosignatures),
            checkpoint,
            cosignatures,
            not_understood,
        })
    }

    fn signed_by_a_log(
        &self,
        note: &[u8],
        known: Option<&VerifierKey>,
    ) -> Result<Checkpoint, TrustError> {
        let origin = Checkpoint::parse_unverified(note)?.origin;
        let logs = if self.logs.is_empty() {
            known.map_or(&[][..], std::slice::from_ref)
        } else {
            &self.logs
        };
        // One origin may have several keys, as after a change of keys: any of them is enough.
        let mut verdict = Err(TrustError::UnknownLog(origin.clone()));
        for key in logs.iter().filter(|key| key.name() == origin) {
            verdict = verify_checkpoint(note, key).map_err(TrustError::from);
            if verdict.is_ok() {
                break;
            }
        }
        verdict
    }

    fn not_understood(&self) -> Vec<String> {
        let names = self.witnesses.iter().filter_map(|it| match &it.key {
            WitnessVerifier::Ed25519(_) => None,
            WitnessVerifier::NotUnderstood { name, algorithm } => {
                Some(format!("{name} (type 0x{algorithm:02x})"))
            }
        });
        names.collect()
    }

    /// Names refer backwards only, so this ends.
    fn is_met(&self, name: usize, has_cosigned: &[bool]) -> bool {
        match self.names.get(name).map(|it| &it.member) {
            Some(Member::Witness(index)) => has_cosigned.get(*index) == Some(&true),
            Some(Member::Group { threshold, members }) => {
                let met = members.iter().filter(|it| self.is_met(**it, has_cosigned));
                met.count() >= *threshold
            }
            None => false,
        }
    }
}

impl WitnessVerifier {
    fn of(named: NamedKey) -> Result<Self, crate::VerifierKeyError> {
        let (name, algorithm) = (named.name.clone(), named.algorithm);
        match CosignerKey::of(named) {
            Ok(key) => Ok(Self::Ed25519(key)),
            Err(crate::VerifierKeyError::Algorithm(0x01)) => {
                Err(crate::VerifierKeyError::Algorithm(0x01))
            }
            Err(crate::VerifierKeyError::Algorithm(_)) => {
                Ok(Self::NotUnderstood { name, algorithm })
            }
            Err(error) => Err(error),
        }
    }
}
