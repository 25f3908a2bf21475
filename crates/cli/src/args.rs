//! The command line: every command with its help and examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Governs support impersonation: asked for against a case, approved by a named person, cut when the case
/// closes, proven afterwards.
#[derive(Debug, Parser)]
#[command(name = "locum", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// Answer with one JSON document (or JSON lines) on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    pub server: Server,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  locum demo                                   everything on this machine, to click through
  locum init deploy && locum serve --config deploy/locum.toml
  locum request --case desk:7 --reason 'customer cannot open her invoice' --for billing=invoice.read --minutes 30
  locum evidence verify pack.zip --key ledger.vkey";

/// The server that commands speak to.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// The server's public_url.
    #[arg(
        long,
        global = true,
        env = "LOCUM_URL",
        default_value = "http://localhost:8470",
        value_name = "URL"
    )]
    pub url: String,
    /// Your bearer token.
    #[arg(
        long,
        global = true,
        env = "LOCUM_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process on loopback, with sample applications, people and a case desk.
    #[command(after_help = "Examples:
  locum demo
  locum demo --once --out out      play the whole story by itself and leave the evidence in out/")]
    Demo(DemoArgs),
    /// Write a commented, working configuration and catalog into a new folder, keys included.
    #[command(after_help = "Examples:
  locum init deploy
  locum init try --example && locum serve --config try/locum.toml")]
    Init(InitArgs),
    /// Run control plane, console, gateway and jobs.
    #[command(after_help = "Examples:
  locum serve --config locum.toml
  LOCUM__SERVER__LISTEN=127.0.0.1:9000 locum serve --config locum.toml")]
    Serve(ServeArgs),
    /// Check configuration, catalog and policy without starting: every problem at once.
    #[command(after_help = "Examples:
  locum check --config locum.toml
  locum check --config locum.toml --live     also ask the case systems, and prove their credentials read-only")]
    Check(CheckArgs),
    /// Work with policies as files.
    #[command(subcommand)]
    Policy(PolicyCommand),

    /// Show what a request would get, without filing it.
    #[command(after_help = "Example:
  locum preview --case desk:7 --reason 'customer cannot open her invoice' --for billing=invoice.read --minutes 30")]
    Preview(RequestArgs),
    /// File a request to act as a case's subject.
    #[command(after_help = "Example:
  locum request --case desk:7 --reason 'customer cannot open her invoice' \\
      --for billing=invoice.read,invoice.resend --for crm=contact.read --minutes 30")]
    Request(RequestArgs),
    /// Put a question to the requester.
    Ask { id: String, question: String },
    /// Answer an approver's question.
    Answer { id: String, answer: String },
    /// Offer a narrower or shorter version, which the requester may accept.
    #[command(after_help = "Example:
  locum offer req_… --minutes 15 --note 'fifteen minutes are enough to read it'")]
    Offer {
        id: String,
        /// An application and the operations left in it; what is not named is dropped.
        #[arg(long = "for", value_name = "APPLICATION=OPERATION,…")]
        applications: Vec<String>,
        #[arg(long)]
        minutes: Option<u32>,
        #[arg(long)]
        note: String,
    },
    /// Take the offer that stands.
    Accept {
        id: String,
        /// The offer's digest, if another one than stands now must not be taken.
        #[arg(long)]
        digest: Option<String>,
    },
    /// Approve exactly what is shown.
    #[command(after_help = "Examples:
  locum approve req_…
  locum approve req_… --because 'invoice and contact must be compared' --control 'read-only, 30 minutes'")]
    Approve(ApproveArgs),
    /// Deny, with a reason.
    Deny { id: String, reason: String },
    /// Take back your request, or your approval; a session that stands on it ends.
    Withdraw { id: String },
    /// Begin the session of an approved request.
    Activate { id: String },
    /// Get a fresh one-time way into an application of a live session.
    Open {
        session: String,
        application: String,
    },
    /// File a request to lengthen a live session.
    Extend {
        id: String,
        #[arg(long)]
        minutes: u32,
        #[arg(long)]
        reason: String,
    },
    /// End a session: everything in flight is cut.
    End { session: String },
    /// Show a request, session, review or access event by its id.
    #[command(after_help = "Examples:
  locum show req_…
  locum show evt_…      the whole story of one access")]
    Show { id: String },
    /// List requests, sessions, reviews or holds.
    #[command(after_help = "Examples:
  locum list requests --approver me --state pending
  locum list sessions --state live
  locum list reviews --state open")]
    List(ListArgs),
    /// The event feed, gap-free by ledger position.
    #[command(after_help = "Examples:
  locum events --after 120
  locum events --follow --json")]
    Events {
        /// Go on with what happens.
        #[arg(long)]
        follow: bool,
        /// Only positions after this one.
        #[arg(long)]
        after: Option<u64>,
    },
    /// End everything in a scope and hold it until a second person lifts the hold.
    #[command(after_help = "Examples:
  locum stop --application billing
  locum stop --all")]
    Stop(StopArgs),
    /// Lift a hold that somebody else placed.
    Lift { hold: String },
    /// Complete a review.
    #[command(after_help = "Example:
  locum review rev_… --finding justified --note 'two invoices read, as the case asked'")]
    Review {
        id: String,
        /// justified, justified-with-follow-up or unjustified.
        #[arg(long)]
        finding: String,
        #[arg(long)]
        note: String,
    },
    /// Export evidence, and verify it without any server.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Compare the ledger with what the tables say.
    #[command(subcommand)]
    Ledger(LedgerCommand),

    /// Write a shell's completions to standard output.
    Completions { shell: clap_complete::Shell },
    /// Write manual pages into a folder.
    Man { directory: PathBuf },
    /// Write the OpenAPI description to standard output.
    #[command(hide = true)]
    Openapi,
    /// Write the command reference to standard output.
    #[command(hide = true)]
    Reference,
}

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
    pub directory: PathBuf,
    /// Fill it with sample people and applications.
    #[arg(long)]
    pub example: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    #[arg(long, value_name = "FILE", default_value = "locum.toml")]
    pub config: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    #[arg(long, value_name = "FILE", default_value = "locum.toml")]
    pub config: PathBuf,
    /// Also ask the case systems, and prove that their credentials only read.
    #[arg(long)]
    pub live: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub enum PolicyCommand {
    /// Run the table tests of a policies folder.
    Test {
        /// The policies folder of a deployment; `locum.toml` is looked for beside it.
        directory: PathBuf,
    },
}

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
    pub id: String,
    /// The digest of what you saw, if it must not be another.
    #[arg(long)]
    pub digest: Option<String>,
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
pub struct ListArgs {
    #[arg(value_parser = ["requests", "sessions", "reviews", "holds"])]
    pub what: String,
    #[arg(long)]
    pub state: Option<String>,
    /// Only requests whose route names this person; `me` is you.
    #[arg(long)]
    pub approver: Option<String>,
    /// Only requests of this case.
    #[arg(long)]
    pub case: Option<String>,
    /// At most this many, newest first.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct StopArgs {
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub application: Option<String>,
    #[arg(long)]
    pub actor: Option<String>,
    #[arg(long)]
    pub case: Option<String>,
    #[arg(long)]
    pub subject: Option<String>,
    #[arg(long)]
    pub tenant: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum EvidenceCommand {
    /// Export the evidence pack of an access event.
    Export {
        /// The access event (evt_…).
        event: String,
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Verify a pack: no server, network or configuration.
    #[command(after_help = "Examples:
  locum evidence verify pack.zip --key ledger.vkey
  locum evidence verify pack.zip --key 'locum.example+1a2b3c4d+ATk…' --strict")]
    Verify {
        file: PathBuf,
        /// The ledger's note verifier key that you trust, or a file that holds it.
        #[arg(long, value_name = "VKEY")]
        key: Option<String>,
        /// Findings (an open review, an unconfirmed end) fail too.
        #[arg(long)]
        strict: bool,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub enum LedgerCommand {
    /// Recompute the ledger's root, open every payload, and compare the tables with the ledger.
    Verify(LedgerVerifyArgs),
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
