//! What the witnesses of this ledger say about it.

use serde::{Deserialize, Serialize};

/// How one witness stands to the newest checkpoint that it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum WitnessStanding {
    /// It cosigned it.
    Cosigns,
    /// It gave no usable answer.
    Silent { why: String },
    /// It cosigned a checkpoint over more entries than this ledger has: this ledger was wound back.
    Ahead { cosigned: u64, entries: u64 },
    /// It cosigned a checkpoint that this ledger does not continue: two histories were shown.
    Disagrees { cosigned: u64, entries: u64 },
}

impl WitnessStanding {
    /// The standing as it is recorded.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Cosigns => "cosigns",
            Self::Silent { .. } => "silent",
            Self::Ahead { .. } => "ahead",
            Self::Disagrees { .. } => "disagrees",
        }
    }

    /// Whether two histories exist.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::Ahead { .. } | Self::Disagrees { .. })
    }

    /// Whether both are the same news; how many entries there are by now is none.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}
