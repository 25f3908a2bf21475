//! The project's commands. `cargo xtask` alone prints the menu.

mod bench;
mod check;
mod events;
mod generate;
mod needs;
mod process;
mod report;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Everything a developer runs, and what CI runs.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Menu {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything CI runs: check, unit and scenario tests, the black box, real software, the demo
    Test(test::Options),
    /// What a commit must pass: format, clippy, tidy, generated references
    Check,
    /// The house rules: floor plan, words, links, file lengths, coverage, licences
    Tidy,
    /// Measures against a peer in the same run: gateway, revoke, ledger, decide
    Bench(bench::Options),
    /// Writes docs/reference/ from the built binary
    Gen(generate::Options),
}

fn main() -> ExitCode {
    let menu = Menu::parse();
    let done = Workspace::load().and_then(|workspace| match menu.command {
        Command::Test(options) => test::run(&workspace, &options),
        Command::Check => check::run(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Bench(options) => bench::run(&workspace, &options),
        Command::Gen(options) => generate::run(&workspace, &options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
