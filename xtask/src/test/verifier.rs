//! The page that an auditor keeps, in Node.js: by itself over packs of the real binary, and side by side with ours.

use std::fs;

use crate::process::Outcome;
use crate::workspace::Workspace;

/// The folder of its tests.
const FOLDER: &str = "tests/verifier";

/// # Errors
/// When a test fails.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    // One by one: what `node --test` makes of a folder depends on its version.
    let folder = workspace.root.join(FOLDER);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
    let names = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name());
    let mut tests: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(".test.mjs"))
        .map(|name| format!("{FOLDER}/{name}"))
        .collect();
    tests.sort();
    let arguments = ["--no-warnings", "--test"].map(str::to_owned);
    workspace
        .call("node", arguments.into_iter().chain(tests))
        .with("LOCUM_BIN", workspace.binary("debug"))
        .run()?;
    workspace
        .call(
            "cargo",
            ["test", "--package", "locum-evidence", "--test", "page"],
        )
        .run()
}
