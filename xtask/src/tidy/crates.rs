//! What every crate of the workspace has in common.

use std::path::Path;

use serde::Deserialize;

use super::{Findings, floor_plan};
use crate::process::Outcome;
use crate::workspace::{Graph, Workspace};

#[derive(Deserialize)]
struct Manifest {
    lints: Option<Lints>,
}

#[derive(Deserialize)]
struct Lints {
    workspace: Option<bool>,
}

/// # Errors
/// When a manifest or the floor plan cannot be read.
pub(super) fn check(workspace: &Workspace, graph: &Graph, findings: &mut Findings) -> Outcome {
    let plan = floor_plan::read(workspace)?;
    let mut pure_rules: Option<(String, String)> = None;
    for package in graph.ours() {
        let manifest = shown(workspace, &package.manifest_path);
        let text = workspace
            .text(Path::new(&manifest))
            .ok_or_else(|| format!("{manifest}: cannot be read"))?;
        let parsed: Manifest =
            toml::from_str(&text).map_err(|error| format!("{manifest}: {error}"))?;
        if parsed.lints.and_then(|lints| lints.workspace) != Some(true) {
            findings.add(
                &manifest,
                "no workspace lints; add `[lints]` with `workspace = true`",
            );
        }
        if plan.pure.rooms.contains(&package.name) {
            let rules = manifest.replace("Cargo.toml", "clippy.toml");
            let Some(text) = workspace.text(Path::new(&rules)) else {
                findings.add(
                    &rules,
                    "a pure room without its rules; copy the file of another pure room",
                );
                continue;
            };
            match &pure_rules {
                None => pure_rules = Some((rules, text)),
                Some((first, wanted)) if *wanted != text => {
                    findings.add(
                        &rules,
                        format_args!("differs from {first}; pure rooms have the same rules"),
                    );
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn shown(workspace: &Workspace, path: &Path) -> String {
    path.strip_prefix(&workspace.root)
        .unwrap_or(path)
        .display()
        .to_string()
}
