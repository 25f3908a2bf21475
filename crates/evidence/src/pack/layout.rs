//! The names in a pack, and the manifest that lists them.

use std::collections::BTreeMap;

use locum_record::{CanonicalError, canonical};
use locum_tlog::{Hash, TilePath};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The first file of every pack.
pub(crate) const MANIFEST: &str = "manifest.json";
pub(super) const STORY: &str = "access-event.json";
pub(super) const REPORT: &str = "report.html";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const KEY: &str = "keys/ledger.vkey";
const PAYLOADS: &str = "payloads/";
const APPROVALS: &str = "approvals/";
const PROOFS: &str = "proofs/";
const POLICY: &str = "policy/";
const DECISIONS: &str = "decisions/";

/// What the manifest says the archive is.
pub(crate) const FORMAT: &str = "locum-evidence/1";

/// The file of one approval, by the ledger position of the decision.
pub(super) fn approval(position: u64) -> String {
    format!("{APPROVALS}{position}.json")
}

/// The policies, or the schema, of the rules that stand at this ledger position.
pub(super) fn policy(position: u64, ending: &str) -> String {
    format!("{POLICY}{position}.{ending}")
}

/// What one decision read, by the ledger position of its facts.
pub(super) fn facts(position: u64) -> String {
    format!("{DECISIONS}{position}.json")
}

/// The inclusion proof of one end of the event.
pub(super) fn inclusion(end: &str) -> String {
    format!("{PROOFS}{end}.tlog-proof")
}

/// The consistency proof from the tree that ended with one end of the event.
pub(super) fn consistency(end: &str) -> String {
    format!("{PROOFS}{end}.consistency")
}

/// The consistency proof from a checkpoint over so many entries that witnesses had signed.
pub(crate) fn witnessed(entries: u64) -> String {
    format!("{PROOFS}witnessed-{entries}.consistency")
}

/// The payloads below one entry bundle: C2SP tlog-tiles writes the index.
pub(super) fn payloads(bundle: u64) -> String {
    let path = TilePath::Entries {
        index: bundle,
        width: locum_tlog::FULL_WIDTH,
    }
    .to_string();
    format!(
        "{PAYLOADS}{}.jsonl",
        path.trim_start_matches("tile/entries/")
    )
}

/// The bundle below which a file of payloads stands.
pub(crate) fn payloads_of(name: &str) -> Option<u64> {
    let path = name.strip_prefix(PAYLOADS)?.strip_suffix(".jsonl")?;
    let TilePath::Entries { index, .. } = format!("tile/entries/{path}").parse().ok()? else {
        return None;
    };
    (payloads(index) == name).then_some(index)
}

/// Where a bundle or tile stands: `entries/…` or `proofs/tile/…`, else as the log itself serves it.
pub(crate) fn part(path: TilePath) -> String {
    let name = path.to_string();
    match path {
        TilePath::Entries { .. } => name.trim_start_matches("tile/").to_owned(),
        TilePath::Hashes { .. } => format!("{PROOFS}{name}"),
    }
}

/// The bundle or tile that a name stands for.
pub(crate) fn part_of(name: &str) -> Option<TilePath> {
    let path = match name.strip_prefix(PROOFS) {
        Some(path) => path.parse().ok()?,
        None => format!("tile/{name}").parse().ok()?,
    };
    (part(path) == name).then_some(path)
}

/// Whether a file only restates what checkpoint, entries and payloads say.
pub(crate) fn is_derived(name: &str) -> bool {
    name == STORY
        || name == REPORT
        || name.starts_with(APPROVALS)
        || name.starts_with(POLICY)
        || name.starts_with(DECISIONS)
        || name.ends_with(".tlog-proof")
        || name.ends_with(".consistency")
}

/// Names and digests of every other file. Its canonical bytes order the names, and the archive follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) files: BTreeMap<String, Hash>,
    format: String,
}

impl Manifest {
    pub(crate) fn of(files: BTreeMap<String, Hash>, format: &str) -> Self {
        Self {
            files,
            format: format.to_owned(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// Reads a manifest; whether its bytes are canonical shows when it is written again.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What the archive says it is.
    pub(crate) fn format(&self) -> &str {
        &self.format
    }
}

/// SHA-256 of a file.
pub(crate) fn digest(bytes: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::digest(bytes).into())
}
