//! `cargo xtask check`: what a commit must pass.

use crate::generate;
use crate::process::Outcome;
use crate::report::{Report, StepResult};
use crate::tidy;
use crate::workspace::Workspace;

/// # Errors
/// When a step failed.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut report = Report::new(false);
    steps(workspace, &mut report);
    report.finish()
}

/// The steps, also those of `test`.
pub(crate) fn steps(workspace: &Workspace, report: &mut Report) {
    report.step("format", || {
        StepResult::of(&workspace.call("cargo", ["fmt", "--all", "--check"]))
    });
    report.step("tidy", || tidy::run(workspace).into());
    report.step("clippy", || {
        let arguments = [
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        StepResult::of(&workspace.call("cargo", arguments))
    });
    report.step("generated references", || {
        generate::build(workspace)
            .and_then(|()| generate::compare(workspace))
            .into()
    });
}
