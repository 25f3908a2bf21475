//! `cargo xtask gen`: the references that the binary and the types themselves can tell.

use std::fs;

use clap::Args;

use crate::events;
use crate::process::Outcome;
use crate::workspace::Workspace;

/// A file of `docs/reference/` and the hidden command that prints it.
const REFERENCES: [(&str, &str); 3] = [
    ("docs/reference/openapi.json", "openapi"),
    ("docs/reference/cli.md", "reference"),
    ("docs/reference/locum.schema.json", "schema"),
];

#[derive(Args)]
pub(crate) struct Options {
    /// Only compare, and fail when a file is not what the binary says
    #[arg(long)]
    check: bool,
}

/// # Errors
/// When the binary cannot be built, or with `--check` when a file differs.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Outcome {
    if !options.check {
        events::write(workspace)?;
    }
    build(workspace)?;
    if options.check {
        return compare(workspace);
    }
    for (file, command) in REFERENCES {
        let path = workspace.root.join(file);
        let folder = path.parent().unwrap_or(&workspace.root);
        fs::create_dir_all(folder).map_err(|error| format!("{file}: {error}"))?;
        fs::write(&path, printed(workspace, command)?)
            .map_err(|error| format!("{file}: {error}"))?;
        println!("wrote {file}");
    }
    Ok(())
}

/// Builds the binary with the features that the tests build it with, so that nothing is built twice.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build(workspace: &Workspace) -> Outcome {
    workspace
        .call("cargo", ["build", "--quiet", "--workspace"])
        .run()
}

/// # Errors
/// The files that are not what the binary and the types say.
pub(crate) fn compare(workspace: &Workspace) -> Outcome {
    let mut stale: Vec<&str> = events::stale(workspace)?.into_iter().collect();
    for (file, command) in REFERENCES {
        if fs::read_to_string(workspace.root.join(file)).ok() != Some(printed(workspace, command)?)
        {
            stale.push(file);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: not what the code says; run `cargo xtask gen` and commit the result",
        stale.join(", ")
    ))
}

fn printed(workspace: &Workspace, command: &str) -> Outcome<String> {
    workspace
        .call(workspace.binary("debug"), [command])
        .output()
}
