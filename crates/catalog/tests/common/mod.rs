//! The contract's example as a folder and as a bundle.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses its own part; test harness"
)]

pub(crate) mod rows;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, date};
use locum_catalog::{Bundle, Deployment};

/// The day on which the example's delegations are judged.
pub(crate) const TODAY: Date = date(2026, 11, 24);

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/example");

/// A copy of the example in a folder of its own, with tokens and the ledger's key beside it.
pub(crate) fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(FIXTURE), folder.path());
    let tokens =
        "\"alice-token\" = \"alice@corp.example\"\n\"oscar-token\" = \"oscar@corp.example\"\n";
    std::fs::write(folder.path().join("development-tokens.toml"), tokens).unwrap();
    std::fs::create_dir(folder.path().join("keys")).unwrap();
    std::fs::write(
        folder.path().join("keys/ledger.key"),
        "not a key, but there",
    )
    .unwrap();
    folder
}

/// The environment that the example asks for.
pub(crate) fn variables() -> BTreeMap<String, String> {
    BTreeMap::from([("DESK_WEBHOOK_SECRET".to_owned(), "whsec_AAAA".to_owned())])
}

/// The example's bundle.
pub(crate) fn bundle() -> Bundle {
    let folder = example();
    Deployment::read(&folder.path().join("locum.toml"), &variables(), TODAY)
        .unwrap()
        .value
        .bundle
}

/// The text of a file of the example.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(FIXTURE).join(path)).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
