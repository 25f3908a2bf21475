//! Evidence and the ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub enum EvidenceCommand {
    /// Export the evidence pack of an access event, or of every one of a period with the proof that there is no other.
    #[command(after_help = "Examples:
  locum evidence export evt_… -o pack.zip
  locum evidence export --from 2026-11-01 --to 2026-11-30 -o november.zip
  locum evidence export --from 2026-11-01T08:00:00Z --to 2026-11-01T09:00:00Z --application billing -o hour.zip")]
    Export(EvidenceExportArgs),
    /// Verify a pack, or the packs of a period: no server, network or configuration.
    #[command(after_help = "Examples:
  locum evidence verify pack.zip --key ledger.vkey
  locum evidence verify pack.zip --key 'locum.example+1a2b3c4d+ATk…' --strict
  locum evidence verify pack.zip --key ledger.vkey --founders founders.txt
  locum evidence verify pack.zip --policy trusted.policy
  locum evidence verify pack.zip --key ledger.vkey --decided-again")]
    Verify(EvidenceVerifyArgs),
}

#[derive(Debug, Clone, Args)]
pub struct EvidenceExportArgs {
    /// The access event (evt_…).
    #[arg(required_unless_present_all = ["from", "to"], conflicts_with_all = ["from", "to", "application", "actor"])]
    pub event: Option<String>,
    /// Every access event filed from this time (RFC 3339) or day (in UTC) on; for auditors.
    #[arg(long, value_name = "TIME", requires = "to")]
    pub from: Option<String>,
    /// Until just before this time, or until the end of this day.
    #[arg(long, value_name = "TIME", requires = "from")]
    pub to: Option<String>,
    /// Only events with this application in scope: a selection, which does not show that it is complete.
    #[arg(long, requires = "from")]
    pub application: Option<String>,
    /// Only events in which this principal acts: a selection, too.
    #[arg(long, value_name = "PERSON", requires = "from")]
    pub actor: Option<String>,
    /// Where it is written.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct EvidenceVerifyArgs {
    /// The pack, or the file of a period.
    pub file: PathBuf,
    /// The ledger's note verifier key that you trust, or a file that holds it.
    #[arg(long, value_name = "VKEY")]
    pub key: Option<String>,
    /// Which ledgers and witnesses you trust, and how many of them together (C2SP tlog-policy). A checkpoint that it does
    /// not accept fails; with one that it accepts the answer says how many outside witnesses saw the history.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The founders' fingerprints that you kept: one line each, the person and the fingerprint. Every approval must be
    /// signed, and every signature lead to them.
    #[arg(long, value_name = "FILE")]
    pub founders: Option<PathBuf>,
    /// Every decision must be decided again, by guardrails that are this verifier's own.
    #[arg(long)]
    pub decided_again: bool,
    /// Findings (an open review, an unconfirmed end, an unsigned approval) fail too.
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ReconcileArgs {
    /// The application's id in the catalog.
    pub application: String,
    /// Its own log of accepted sessions: JSON lines as the SDK writes them, or a session's id in each line; `-` is
    /// standard input.
    pub file: PathBuf,
    /// Read the store of this configuration instead of asking the server; one may run beside it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum LedgerCommand {
    /// Recompute the ledger's root, open every payload, and compare the tables with the ledger.
    #[command(after_help = "Examples:
  locum ledger verify                              ask the server
  locum ledger verify --config deploy/locum.toml   read its store, beside it or without it")]
    Verify(LedgerVerifyArgs),
    /// The newest signed root, how far witnesses cosigned it, and how each of them stands.
    #[command(after_help = "Examples:
  locum ledger root          for people; a split view is told first, and exits 4
  locum ledger root --json   with the checkpoint itself, to keep and compare")]
    Root,
}

#[derive(Debug, Clone, Args)]
pub struct LedgerVerifyArgs {
    /// Read the store of this configuration instead of asking the server; one may run beside it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// With --config, while no server runs: drop every derived table, and fold it again from the ledger.
    #[arg(long, requires = "config")]
    pub rebuild: bool,
}
