//! A restore of the record from a back-up, as the record tells of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The record was put back from a copy, while no server ran. Nobody is signed in then: who did it and why are the
/// words of whoever was at the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restoration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// SHA-256 of the back-up's file, in hexadecimal.
    pub backup: String,
    /// The signed checkpoint that the back-up ended with, verbatim (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// Absent when nothing is known to be lost: the ledger goes on under the origin it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<NewEpoch>,
    pub at: Timestamp,
}

/// The ledger goes on under another origin, because entries that were signed under the one before are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEpoch {
    /// 2 for the first that follows another.
    pub number: u32,
    /// The origin of every checkpoint from this entry on.
    pub origin: String,
    /// Entries that were kept: those before this one.
    pub kept: u64,
    /// What is known of longer histories, the longest first.
    pub lost: Vec<LongerHistory>,
}

/// Somebody remembers more entries than were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongerHistory {
    /// Who or what remembers: a file, a store, a witness by its name.
    pub known_by: String,
    /// The origin under which they were signed.
    pub origin: String,
    pub entries: u64,
    /// The checkpoint that signs for them, verbatim; absent when only their number is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

impl NewEpoch {
    /// How many entries that were signed are known to be lost. There may have been more.
    pub fn entries_lost(&self) -> u64 {
        let longest = self.lost.iter().map(|it| it.entries).max();
        longest.unwrap_or(self.kept).saturating_sub(self.kept)
    }
}
