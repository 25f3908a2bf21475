//! What `locum explain` takes.

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// A request (req_…), its access event (evt_…), a session (ses_…) for what was refused in it, or a refusal by its
    /// place in the ledger.
    #[arg(required_unless_present = "last", conflicts_with = "last")]
    pub id: Option<String>,
    /// Your own last refusals, those that filed nothing among them.
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "1",
          value_parser = clap::value_parser!(u32).range(1..=50))]
    pub last: Option<u32>,
    /// Say of this person too whether they may decide, and why not.
    #[arg(long = "as", value_name = "PERSON", conflicts_with = "last")]
    pub person: Option<String>,
    /// Also the rules that could have objected and did not, with what they read.
    #[arg(long)]
    pub all: bool,
    /// Also each rule as it is written.
    #[arg(long)]
    pub text: bool,
}
