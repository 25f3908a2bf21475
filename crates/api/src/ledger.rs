//! The ledger on the wire: what was signed of it, and how its witnesses stand.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ledger as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerView {
    pub entries: u64,
    /// The note verifier key that checkpoints are signed by (C2SP signed-note).
    pub vkey: String,
    /// The newest checkpoint that was published: a signed note, with the cosignatures there are.
    pub checkpoint: Option<String>,
    /// Its size and root, base64.
    pub size: Option<u64>,
    pub root: Option<String>,
    /// Entries of the newest checkpoint that enough witnesses cosigned; absent where nobody witnesses, or nobody did yet.
    pub witnessed: Option<u64>,
    /// When a checkpoint last became so, since this server started.
    pub witnessed_at: Option<String>,
    /// Whether a witness cosigned another history of this ledger, or more of it than there is.
    pub is_split: bool,
    /// In the order of the operator's policy.
    pub witnesses: Vec<WitnessView>,
    /// What the recorder lacked when this server started, each in a sentence.
    pub recorder_findings: Vec<String>,
}

/// How one witness stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WitnessView {
    /// What the policy calls it.
    pub name: String,
    /// The name of its key.
    pub key: String,
    pub url: String,
    /// Entries of the newest checkpoint that it is known to have cosigned.
    pub cosigned: Option<u64>,
    /// `cosigns`, `silent`, `ahead` (this ledger was wound back) or `disagrees` (two histories were shown); absent
    /// before its first answer.
    pub standing: Option<String>,
    /// Since when it says so.
    pub since: Option<String>,
    /// Why it is silent.
    pub why: Option<String>,
}
