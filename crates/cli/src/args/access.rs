//! The life of a request, and the kill switch.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct RequestArgs {
    /// The case, as CONNECTOR:NUMBER.
    #[arg(long)]
    pub case: String,
    /// What you must do and why, in your own words.
    #[arg(long)]
    pub reason: String,
    /// An application and the operations in it, one by one.
    #[arg(long = "for", value_name = "APPLICATION=OPERATION,…", required = true)]
    pub applications: Vec<String>,
    /// How long the session may last.
    #[arg(long)]
    pub minutes: u32,
    /// The user to act as; defaults to the case's.
    #[arg(long)]
    pub subject: Option<String>,
    /// Who will act, when it is not you.
    #[arg(long)]
    pub actor: Option<String>,
    /// An emergency: a shorter route, a named approver still, and a mandatory review.
    #[arg(long)]
    pub break_glass: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ApproveArgs {
    /// The request (req_…).
    pub id: String,
    /// The digest of what you saw, if it must not be another.
    #[arg(long)]
    pub digest: Option<String>,
    /// Sign with this enrolled key what is shown here, and nothing else. Enough for `low` applications only.
    #[arg(long, value_name = "FILE", conflicts_with = "digest")]
    pub key: Option<PathBuf>,
    /// Do not ask again on a terminal.
    #[arg(short, long)]
    pub yes: bool,
    /// A word to whoever reads it later.
    #[arg(long)]
    pub note: Option<String>,
    /// Why crossing applications is unavoidable.
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,
    /// A compensating control that is in place.
    #[arg(long = "control", value_name = "TEXT")]
    pub controls: Vec<String>,
    /// Also agree to any narrower version.
    #[arg(long)]
    pub covers_narrower: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ReviewArgs {
    /// The review (rev_…).
    pub id: String,
    /// What you found.
    #[arg(long, value_parser = ["justified", "justified-with-follow-up", "unjustified"])]
    pub finding: String,
    /// A sentence that says what you looked at.
    #[arg(long)]
    pub note: String,
    /// Sign with this enrolled key what is shown here, and nothing else. Enough for `low` applications only.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Do not ask again on a terminal.
    #[arg(short, long, requires = "key")]
    pub yes: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// What to list.
    #[arg(value_parser = ["requests", "sessions", "reviews", "holds"])]
    pub what: String,
    /// Only those in this state.
    #[arg(long)]
    pub state: Option<String>,
    /// Only requests whose route names this person; `me` is you.
    #[arg(long)]
    pub approver: Option<String>,
    /// Only requests of this case.
    #[arg(long)]
    pub case: Option<String>,
    /// At most this many, newest first; holds are never many and come whole.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Where the next page begins: what the page before said.
    #[arg(long)]
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct StopArgs {
    /// Everything.
    #[arg(long)]
    pub all: bool,
    /// Everybody in this application.
    #[arg(long)]
    pub application: Option<String>,
    /// Everything that this person or agent does.
    #[arg(long)]
    pub actor: Option<String>,
    /// Everything that stands on this case (CONNECTOR:NUMBER).
    #[arg(long)]
    pub case: Option<String>,
    /// Everybody who acts as this user.
    #[arg(long)]
    pub subject: Option<String>,
    /// Everybody who acts as a user of this tenant.
    #[arg(long)]
    pub tenant: Option<String>,
}
