//! Erasing what the record holds of one subject.

use clap::Args;

#[derive(Debug, Clone, Args)]
#[group(id = "erasing", required = true, multiple = false, args = ["subject", "confirm", "deny", "list"])]
pub struct EraseArgs {
    /// The user acted as, as the case system names them: asks for the erasure.
    #[arg(requires = "reason")]
    pub subject: Option<String>,
    /// Why; at least a sentence. It is erased with the rest, and a denial's stays.
    #[arg(long, conflicts_with_all = ["confirm", "list"])]
    pub reason: Option<String>,
    /// Confirm the erasure (era_…) that somebody else asked for: the data is gone when this answers.
    #[arg(long, value_name = "ERASURE")]
    pub confirm: Option<String>,
    /// Say no to the erasure (era_…), or take your own back.
    #[arg(long, value_name = "ERASURE", requires = "reason")]
    pub deny: Option<String>,
    /// List every erasure.
    #[arg(long)]
    pub list: bool,
}
