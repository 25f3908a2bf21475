//! Changing what counts.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The folder of `locum.toml`.
    pub directory: PathBuf,
    /// Compare with another folder of a `locum.toml`, instead of what the store holds as applied.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Exit with 1 when something differs; otherwise it is 0 whatever differs.
    #[arg(long)]
    pub exit_code: bool,
}
