//! `cargo xtask test`: everything CI runs, in one order, each step with its time.

mod browser;
mod demo;
mod verifier;

use std::env;

use clap::Args;

use crate::check;
use crate::needs::Need;
use crate::process::Call;
use crate::report::{Report, StepResult};
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// The long runs in full: kills, simulations, fuzzing
    #[arg(long)]
    long: bool,
}

/// # Errors
/// When a step failed, or in CI could not run.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), String> {
    let is_ci = env::var_os("LOCUM_CI").is_some_and(|value| value == "1");
    let mut report = Report::new(is_ci);
    let long = |call: Call| {
        if options.long {
            call.with("LOCUM_LONG", "1")
        } else {
            call
        }
    };
    let played = |arguments: &[&str]| {
        let call = workspace
            .call("python3", [&["-m"], arguments].concat())
            .with("LOCUM_BIN", workspace.binary("debug"));
        StepResult::of(&long(call))
    };
    let python = |module: &str| played(&[module]);

    if !report.step("build", || {
        StepResult::of(&workspace.call("cargo", ["build", "--workspace"]))
    }) {
        return report.finish();
    }
    check::steps(workspace, &mut report);
    // Before the other tests, of which some need the solver too.
    report.step("policy: the promises proved by cvc5", || {
        with_needs(&[Need::Cvc5], || {
            StepResult::of(&workspace.call("cargo", ["test", "--package", "locum-prover"]))
        })
    });
    report.step("unit and scenario tests", || {
        StepResult::of(&long(unit_tests(workspace)))
    });
    report.step("examples in the documentation", || {
        StepResult::of(&long(
            workspace.call("cargo", ["test", "--quiet", "--workspace", "--doc"]),
        ))
    });
    report.step("black box: the contract over HTTP", || {
        with_needs(&[Need::Python], || python("tests.blackbox"))
    });
    report.step("ledger: walked by a program of the standard alone", || {
        with_needs(&[Need::Python], || {
            played(&["tests.ledger", "whole", "witnessed"])
        })
    });
    report.step("ledger: system calls that fail", || {
        with_needs(&[Need::Python, Need::Strace], || {
            played(&["tests.ledger", "faults", "starts"])
        })
    });
    report.step("real software: Roundup and Radicale", || {
        with_needs(&[Need::Python, Need::PythonVenv], || {
            python("tests.real.roundup_radicale")
        })
    });
    report.step("real software: authlib and openid-client", || {
        with_needs(
            &[Need::Python, Need::PythonVenv, Need::Node, Need::Npm],
            || python("tests.real.oauth_clients"),
        )
    });
    report.step("browser: pages, sign-in and signatures in Chromium", || {
        with_needs(
            &[Need::Chromium, Need::Node, Need::Npm, Need::Python],
            || browser::run(workspace).into(),
        )
    });
    report.step("the page that verifies evidence, in Node.js", || {
        with_needs(&[Need::Node], || verifier::run(workspace).into())
    });
    report.step("demo, and its evidence verified", || {
        demo::run(workspace).into()
    });
    report.finish()
}

/// nextest where it is installed: it runs the tests of all crates side by side. Those that need a browser, and
/// those of the solver, have steps of their own.
fn unit_tests(workspace: &Workspace) -> Call {
    if workspace.call("cargo", ["nextest", "--version"]).succeeds() {
        workspace.call(
            "cargo",
            [
                "nextest",
                "run",
                "--workspace",
                "--exclude",
                "locum-browser",
                "--exclude",
                "locum-prover",
                "--no-fail-fast",
            ],
        )
    } else {
        workspace.call(
            "cargo",
            [
                "test",
                "--workspace",
                "--exclude",
                "locum-browser",
                "--exclude",
                "locum-prover",
                "--lib",
                "--bins",
                "--tests",
                "--no-fail-fast",
            ],
        )
    }
}

fn with_needs(needs: &[Need], run: impl FnOnce() -> StepResult) -> StepResult {
    match needs.iter().try_for_each(|need| need.ensure()) {
        Ok(()) => run(),
        Err(missing) => StepResult::NotRun(missing),
    }
}
