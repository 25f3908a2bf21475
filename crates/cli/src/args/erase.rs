//! Erasing what the record holds of one subject.

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct EraseArgs {
    /// The user acted as, as the case system names them: asks for the erasure.
    #[arg(requires = "reason", required_unless_present_any = ["confirm", "deny", "list"])]
    pub subject: Option<String>,
    /// Why; at least a sentence. It is erased with the rest.
    #[arg(long, conflicts_with_all = ["confirm", "list"])]
    pub reason: Option<String>,
    /// Confirm the erasure (era_…) that somebody else asked for: the data is gone when this answers.
    #[arg(long, value_name = "ERASURE", conflicts_with_all = ["subject", "deny", "list"])]
    pub confirm: Option<String>,
    /// Say no to the erasure (era_…), or take your own back.
    #[arg(long, value_name = "ERASURE", requires = "reason", conflicts_with_all = ["subject", "list"])]
    pub deny: Option<String>,
    /// List every erasure.
    #[arg(long, conflicts_with = "subject")]
    pub list: bool,
}
