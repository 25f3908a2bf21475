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
pub(super) const CHECKPOINT: &str = "checkpoint";
pub(super) const KEY: &str = "keys/ledger.vkey";
pub(super) const PAYLOADS: &str = "payloads/";
const APPROVALS: &str = "approvals/";
const PROOFS: &str = "proofs/";

/// What the manifest says the archive is.
const FORMAT: &str = "locum-evidence/1";

/// The file of one approval, by the ledger position of the decision.
pub(super) fn approval(position: u64) -> String {
    format!("{APPROVALS}{position}.json")
}

/// The inclusion proof of one end of the event.
pub(super) fn inclusion(end: &str) -> String {
    format!("{PROOFS}{end}.tlog-proof")
}

/// The consistency proof from the tree that ended with one end of the event.
pub(super) fn consistency(end: &str) -> String {
    format!("{PROOFS}{end}.consistency")
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

/// Where a bundle or tile stands: `entries/…` or `proofs/tile/…`, else as the log itself serves it.
pub(super) fn part(path: TilePath) -> String {
    let name = path.to_string();
    match path {
        TilePath::Entries { .. } => name.trim_start_matches("tile/").to_owned(),
        TilePath::Hashes { .. } => format!("{PROOFS}{name}"),
    }
}

/// The bundle or tile that a name stands for.
pub(super) fn part_of(name: &str) -> Option<TilePath> {
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
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let digests = files
            .iter()
            .map(|(name, bytes)| (name.clone(), digest(bytes)));
        Self {
            files: digests.collect(),
            format: FORMAT.to_owned(),
        }
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(self)
    }

    /// Reads a manifest of this format; whether its bytes are canonical shows when it is written again.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes)
            .ok()
            .filter(|manifest: &Self| manifest.format == FORMAT)
    }
}

/// SHA-256 of a file.
pub(crate) fn digest(bytes: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::digest(bytes).into())
}
