//! A copy of everything, and going back to one.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// Where the back-up is written; a file that is there is left alone.
    pub file: PathBuf,
    /// The configuration of the server whose store is copied; it may run meanwhile.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// A file that `locum backup` wrote.
    pub file: PathBuf,
    /// The configuration of the server whose store it becomes; it must not run.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Where a store that is there is moved, into a new folder on the same file system. Nothing is deleted.
    #[arg(long, value_name = "FOLDER")]
    pub aside: Option<PathBuf>,
    /// The newest checkpoint that somebody kept elsewhere (`curl …/ledger/checkpoint`), to be compared as well.
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,
    /// Go on from a back-up that is older than what is remembered: as a new epoch of the ledger, with what is lost on the
    /// record for ever.
    #[arg(long, requires_all = ["by", "reason"])]
    pub new_epoch: bool,
    /// Who restores; it goes on the record.
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// Why, in your own words; it goes on the record.
    #[arg(long)]
    pub reason: Option<String>,
}
