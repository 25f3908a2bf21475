//! The whole story played by the demo, and the pack it leaves checked with nothing but the pack and a key.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::Outcome;
use crate::workspace::Workspace;

/// # Errors
/// When the story goes another way, or its evidence does not verify.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let out = workspace.target.join("demo");
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    let binary = workspace.binary("debug");
    workspace
        .call(&binary, ["demo", "--once", "--out", &out.to_string_lossy()])
        .run()?;
    let key = out.join("ledger.vkey");
    let pack = only_zip(&out)?;
    let arguments = [
        "evidence",
        "verify",
        &pack.to_string_lossy(),
        "--key",
        &key.to_string_lossy(),
    ]
    .map(str::to_owned);
    workspace.call(&binary, arguments).run()
}

fn only_zip(folder: &Path) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut packs = entries.filter_map(Result::ok).map(|entry| entry.path());
    let found = packs.find(|path| path.extension().is_some_and(|extension| extension == "zip"));
    found.ok_or_else(|| format!("{}: the demo left no evidence pack", folder.display()))
}
