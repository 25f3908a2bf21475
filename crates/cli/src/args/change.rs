//! Changing what counts: planned, applied, confirmed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The folder of `locum.toml`.
    pub directory: PathBuf,
    /// Compare with another folder of a `locum.toml`, instead of what is in force.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Ask no server, also where you are signed in: compare with what the store that `locum.toml` names has as applied.
    #[arg(long, conflicts_with = "against")]
    pub offline: bool,
    /// Exit with 1 when something differs; otherwise it is 0 whatever differs.
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    /// The folder of `locum.toml`.
    pub directory: PathBuf,
    /// Why; it stays on the record, and a second person reads it. Asked for on a terminal.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Do not ask on a terminal.
    #[arg(long)]
    pub yes: bool,
    /// Only if this is in force: the digest that `locum plan --json` has as `before`.
    #[arg(long, value_name = "DIGEST")]
    pub base: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ChangesArgs {
    /// Only those in this state.
    #[arg(long, value_parser = ["waiting", "applied", "denied", "withdrawn"])]
    pub state: Option<String>,
    #[command(subcommand)]
    pub command: Option<ChangesCommand>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum ChangesCommand {
    /// Show a change: who gains and who loses, every text line by line, and who could confirm it.
    #[command(after_help = "Example:
  locum changes show chg_…")]
    Show {
        /// The change (chg_…).
        id: String,
    },
    /// Let a change count, as somebody who held that authority before it and gains nothing by it.
    #[command(after_help = "Examples:
  locum changes confirm chg_…                  shows it, and asks on a terminal
  locum changes confirm chg_… --digest 9f2c…   only if it is still what you saw

Where a signature is demanded, it says where you sign.")]
    Confirm {
        /// The change (chg_…).
        id: String,
        /// The digest of what you saw; without it the change is shown, and you are asked on a terminal.
        #[arg(long)]
        digest: Option<String>,
        /// Do not ask on a terminal.
        #[arg(long)]
        yes: bool,
    },
    /// Say no to a change.
    #[command(after_help = "Example:
  locum changes deny chg_… --reason 'an hour is too long for invoices'")]
    Deny {
        /// The change (chg_…).
        id: String,
        /// Why not; whoever proposed it reads it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take back a change that you proposed.
    #[command(after_help = "Example:
  locum changes withdraw chg_…")]
    Withdraw {
        /// The change (chg_…).
        id: String,
    },
}

#[derive(Debug, Clone, Args)]
pub struct DelegationsArgs {
    #[command(subcommand)]
    pub command: Option<DelegationsCommand>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum DelegationsCommand {
    /// Let a delegation of yours count.
    #[command(after_help = "Example:
  locum delegations confirm billing paul@corp.example")]
    Confirm {
        /// The application.
        application: String,
        /// Whom you lend your authority to.
        person: String,
        /// Its last day, where you lend to this person more than once.
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
}
