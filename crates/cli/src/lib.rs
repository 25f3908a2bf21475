//! Commands over the API; verify and check work offline.
//!
//! Exit statuses: 0 done, 1 refused by policy or state, 2 wrong usage or configuration, 3 the server could not
//! be reached, 4 evidence does not verify. One JSON document (or JSON lines) stands on standard output with
//! `--json`; everything else goes to standard error.

mod args;
mod command;
mod connection;
mod environment;
mod failure;
mod kept_logins;
mod key_file;
mod output;
mod problems;
mod reference;
mod uri;

pub use args::{
    AbsenceCommand, ApplyArgs, ApproveArgs, BackupArgs, CatalogCommand, ChangesArgs,
    ChangesCommand, CheckArgs, Cli, Command, DelegationsArgs, DelegationsCommand, DemoArgs,
    EnrolArgs, EnrolCommand, EraseArgs, EvidenceCommand, EvidenceExportArgs, EvidenceVerifyArgs,
    ExceptionCommand, ExplainArgs, ImportOpenapiArgs, InitArgs, KeysCommand, LearnArgs,
    LedgerCommand, LedgerVerifyArgs, ListArgs, LoginArgs, PlanArgs, PolicyCommand, ProofPart,
    ProposingArgs, ProveArgs, ReconcileArgs, RequestArgs, RestoreArgs, ReviewArgs, ServeArgs,
    Server, StopArgs, WitnessCommand, WitnessInitArgs, WitnessServeArgs,
};
pub use command::plan::{OnDisk, answer as plan_answer, on_disk};
pub use command::reconcile::{Comparison, answer as reconcile_answer};
pub use environment::variables;
pub use failure::{Exit, Failure};
pub use output::Output;
pub use problems::{policy_problems, tell_problems};
pub use reference::{completions, man_pages, reference};

/// What is left to the binary, which alone has ports, keys and a store.
#[derive(Debug)]
pub enum Outcome {
    Done,
    ForBinary(Command),
}

/// Runs whatever needs only the API or files.
///
/// # Errors
/// [`Failure`], whose [`Failure::exit`] is the process's status.
pub async fn run(cli: Cli, output: &Output) -> Result<Outcome, Failure> {
    command::run(cli, output).await
}
