//! Running it, and its configuration as files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Play the whole story and exit: 0 only if every step did what it should.
    #[arg(long)]
    pub once: bool,
    /// Where `--once` leaves the evidence pack and the ledger's verifier key.
    #[arg(long, value_name = "DIR", requires = "once")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// An empty folder, or one that is not there yet.
    pub directory: PathBuf,
    /// Fill it with sample people and applications.
    #[arg(long)]
    pub example: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "locum.toml")]
    pub config: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "locum.toml")]
    pub config: PathBuf,
    /// Also ask the case systems, and prove that their credentials only read.
    #[arg(long)]
    pub live: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub enum PolicyCommand {
    /// Run the table tests of a policies folder.
    #[command(after_help = "Example:
  locum policy test deploy/policies")]
    Test {
        /// The policies folder of a deployment; `locum.toml` is looked for beside it.
        directory: PathBuf,
    },
    /// Prove what no request can ever do, over your rules and Locum's together, with the solver cvc5.
    #[command(after_help = "Examples:
  locum policy prove deploy/policies
  CVC5=/opt/cvc5/bin/cvc5 locum policy prove deploy/policies --json

It exits with 1 when a promise is refuted or undecided, and with 2 where there is no solver
(`apt-get install cvc5`): what was not proved is never called proved.

Most promises are proved symbolically, for every possible request. What formulas over policies cannot say (that two
different people decide, that the strictest application does) is examined exhaustively: every combination of a finite
abstraction goes through the program's own route function. Each line says which.")]
    Prove {
        /// The policies folder of a deployment.
        directory: PathBuf,
        /// How long the solver may think about one question, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
        seconds: u32,
        /// Only one of the two methods.
        #[arg(long, value_enum, value_name = "METHOD")]
        only: Option<ProofMethod>,
    },
}

/// How a promise is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProofMethod {
    /// By the solver, for every possible request.
    Symbolic,
    /// By looking at every combination of a finite abstraction.
    Exhaustive,
}
