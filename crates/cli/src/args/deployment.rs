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
  locum policy prove deploy/policies --against released/policies
  CVC5=/opt/cvc5/bin/cvc5 locum policy prove deploy/policies --json

It exits with
  0  when everything that was asked is proved, and nothing is loosened
  1  when a promise is refuted or undecided, or the rules permit what the earlier ones denied, or might
  2  where there is no solver (`apt-get install cvc5`), or a folder cannot be read
What was not proved is never called proved.

Most promises are proved symbolically, for every possible request. What formulas over policies cannot say (that two
different people decide, that the strictest application does) is examined exhaustively: every combination of a finite
abstraction goes through the program's own route function, and each of them holds or does not. Each line says which.")]
    Prove(ProveArgs),
}

#[derive(Debug, Clone, Args)]
pub struct ProveArgs {
    /// The policies folder of a deployment, or an evidence pack, whose rules in force are proved.
    pub directory: PathBuf,
    /// Ask too whether these rules permit anything that those of an earlier policies folder denied.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// How long the solver may think about one question, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// Only a part of it.
    #[arg(long, value_enum, value_name = "PART")]
    pub only: Option<ProofPart>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProofPart {
    /// What the solver proves, for every possible request.
    Symbolic,
    /// What is examined over every combination of a finite abstraction.
    Exhaustive,
    /// What the rules loosen against those of `--against`.
    Loosening,
}
