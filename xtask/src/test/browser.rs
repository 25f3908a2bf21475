//! Locum in a real browser: Chromium from the operating system, and what npm installs beside it.

use std::path::Path;
use std::time::SystemTime;

use crate::process::Outcome;
use crate::workspace::Workspace;

/// The folder of the servers around the browser, with their lock file.
const FOLDER: &str = "tests/browser";

/// # Errors
/// When a test fails, or npm cannot install what the lock file says.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.root.join(FOLDER);
    if !is_installed(&folder) {
        // Nothing of it runs while it is installed.
        workspace
            .call("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .within(&folder)
            .run()?;
    }
    workspace
        .call("cargo", ["test", "--package", "locum-browser"])
        .with("LOCUM_BIN", workspace.binary("debug"))
        .run()
}

/// npm writes its own lock file last; it is as old as what it installed.
fn is_installed(folder: &Path) -> bool {
    let written = |file: &str| -> Option<SystemTime> {
        let about = folder.join(file).metadata().ok()?;
        about.modified().ok()
    };
    let installed = written("node_modules/.package-lock.json");
    installed.is_some() && installed >= written("package-lock.json")
}
