//! The commands that need ports, keys or a store of their own.

mod archive;
mod backup;
mod check;
mod demo;
mod init;
mod keys;
mod ledger;
mod plan;
mod reconcile;
mod restore;
mod serve;
mod witness;

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use locum_catalog::{Checked, Deployment};
use locum_cli::{Command, Failure, KeysCommand, LedgerCommand, Output, tell_problems, variables};

pub(crate) async fn run(command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(&args, output),
        Command::Serve(args) => serve::run(&args).await,
        Command::Check(args) => check::run(&args, output).await,
        Command::Plan(args) => plan::run(&args, output).await,
        Command::Demo(args) => demo::run(&args, output).await,
        Command::Ledger(LedgerCommand::Verify(args)) => ledger::verify(&args, output).await,
        Command::Reconcile(args) => reconcile::run(&args, output).await,
        Command::Keys(KeysCommand::List {
            config: Some(config),
        }) => keys::list(&config, output),
        Command::Backup(args) => backup::run(&args, output).await,
        Command::Restore(args) => restore::run(&args, output).await,
        Command::Witness(command) => witness::run(command, output).await,
        Command::Openapi => output.line(&openapi()?),
        other => Err(Failure::Usage(format!(
            "{other:?} is not the binary's to run"
        ))),
    }
}

fn openapi() -> Result<String, Failure> {
    let text = locum_http::openapi().to_pretty_json();
    text.map_err(|error| Failure::State(format!("no description: {error}")))
}

/// Today, for certifications and delegations that end.
fn today() -> Date {
    Timestamp::now().to_zoned_datetime(TimeZone::UTC).date()
}

/// Reads a deployment; its problems go to standard error, one each.
fn deployment(config: &Path) -> Result<Deployment, Failure> {
    match Deployment::read(config, &variables(), today()) {
        Ok(Checked { value, warnings }) => {
            tell_problems(&warnings);
            Ok(value)
        }
        Err(problems) => {
            tell_problems(&problems);
            let count = problems.len();
            Err(Failure::Usage(format!(
                "{count} {} in the configuration",
                if count == 1 { "problem" } else { "problems" }
            )))
        }
    }
}
