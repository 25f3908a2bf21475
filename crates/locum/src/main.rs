//! The binary: reads clock, environment, keys and files, and wires the rooms together.

mod command;
mod listen;
mod server;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;
use locum_cli::{Cli, Failure, Outcome, Output};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    // One crypto provider for the process; it is an error only if somebody installed one before us.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let output = Output::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format_args!("locum: no runtime: {error}"));
            return ExitCode::from(2);
        }
    };
    let done = runtime.block_on(run(cli, &output));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure, &output);
            ExitCode::from(failure.exit() as u8)
        }
    }
}

async fn run(cli: Cli, output: &Output) -> Result<(), Failure> {
    match locum_cli::run(cli, output).await? {
        Outcome::Done => Ok(()),
        Outcome::ForBinary(command) => command::run(command, output).await,
    }
}

fn report(failure: &Failure, output: &Output) {
    if output.is_json() {
        tell(&failure.to_json());
        return;
    }
    tell(&format_args!("locum: {failure}"));
    if let Some(remedy) = failure.remedy() {
        tell(&format_args!("       {remedy}"));
    }
}

/// A line for people on standard error. Nobody reading there is no reason to end.
pub(crate) fn tell(line: &dyn std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
