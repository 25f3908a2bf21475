//! The command line: every command with its help and examples.

mod access;
mod backup;
mod beside;
mod catalog;
mod change;
mod deployment;
mod erase;
mod explain;
mod login;
mod record;
mod server;
mod witness;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use access::{ApproveArgs, ListArgs, RequestArgs, ReviewArgs, StopArgs};
pub use backup::{BackupArgs, RestoreArgs};
pub use beside::{AbsenceCommand, ExceptionCommand};
pub use catalog::{CatalogCommand, ImportOpenapiArgs, LearnArgs, ProposingArgs};
pub use change::{
    ApplyArgs, ChangesArgs, ChangesCommand, DelegationsArgs, DelegationsCommand, PlanArgs,
};
pub use deployment::{
    CheckArgs, DemoArgs, InitArgs, PolicyCommand, ProofPart, ProveArgs, ServeArgs,
};
pub use erase::EraseArgs;
pub use explain::ExplainArgs;
pub use login::{EnrolArgs, EnrolCommand, KeysCommand, LoginArgs};
pub use record::{
    EvidenceCommand, EvidenceExportArgs, EvidenceVerifyArgs, LedgerCommand, LedgerVerifyArgs,
    ReconcileArgs,
};
pub use server::Server;
pub use witness::{WitnessCommand, WitnessInitArgs, WitnessServeArgs};

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
    /// Propose an application's operations from what is known about it.
    #[command(
        subcommand,
        after_help = "Examples:
  locum catalog import-openapi openapi.yaml
  locum catalog learn --har recording.har
  locum catalog unclassified billing"
    )]
    Catalog(CatalogCommand),
    /// Work with policies as files.
    #[command(
        subcommand,
        after_help = "Examples:
  locum policy test deploy/policies
  locum policy prove deploy/policies"
    )]
    Policy(PolicyCommand),
    /// Show what a folder would change: who gains, who loses, and which way every difference goes.
    #[command(after_help = "Examples:
  locum plan deploy                        compared with what is in force
  locum plan deploy --against deploy.old   two folders
  locum plan deploy --exit-code            1 when something differs, for scripts

Where you are signed in it asks that server, which also says who could confirm it. Otherwise, and
with `--offline`, it needs no server: what was applied last is read from the store that
`locum.toml` names, also beside a running server. Before the founding everything is added.")]
    Plan(PlanArgs),
    /// Let a folder count: at once where it loosens nothing, else as soon as a second person confirms it.
    #[command(after_help = "Examples:
  locum apply deploy                                        shows the plan, and asks on a terminal
  locum apply deploy --note 'Ann joins support' --yes       for scripts

Security applies anything, an application's owner what is in that application's own file alone.
It exits with
  0  when it is in force, waits for a second person, or was in force before
  1  when the server refuses it
  2  when the folder cannot be read
  3  when no server answers")]
    Apply(ApplyArgs),
    /// List changes of what counts, and say yes or no to those that wait.
    #[command(after_help = "Examples:
  locum changes --state waiting
  locum changes show chg_…")]
    Changes(ChangesArgs),
    /// List the delegations that wait for whoever lends the authority, and let yours count.
    #[command(after_help = "Examples:
  locum delegations
  locum delegations confirm billing paul@corp.example")]
    Delegations(DelegationsArgs),

    /// Sign in: it prints a code that you enter in a browser where you are signed in.
    #[command(after_help = "Examples:
  locum login              keeps a token for this server, for you alone to read
  locum login --status

Such a login decides and activates nothing that is `regulated`. LOCUM_TOKEN wins over it.")]
    Login(LoginArgs),
    /// End the login of `locum login`, here and at the server.
    #[command(after_help = "Example:
  locum logout")]
    Logout,
    /// Ask that a key in a file sign for you in `low` applications, and look after authenticators.
    #[command(after_help = "Examples:
  locum enrol --key-file ~/.config/locum/key.pem --name 'my laptop'
  locum enrol list
  locum enrol revoke aut_… --reason 'left in a train'

Passkeys are enrolled in the console, at /account.")]
    Enrol(EnrolArgs),
    /// Look after Locum's own signing keys.
    #[command(
        subcommand,
        after_help = "Examples:
  locum keys list
  locum keys rotate grant"
    )]
    Keys(KeysCommand),

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
    #[command(after_help = "Example:
  locum ask req_… 'which of her invoices does not open?'")]
    Ask {
        /// The request (req_…).
        id: String,
        /// What you want to know before you decide.
        question: String,
    },
    /// Answer an approver's question.
    #[command(after_help = "Example:
  locum answer req_… 'the one of March, INV-2041'")]
    Answer {
        /// The request (req_…).
        id: String,
        /// What the approver asked for; it stays on the record.
        answer: String,
    },
    /// Offer a narrower or shorter version, which the requester may accept.
    #[command(after_help = "Example:
  locum offer req_… --minutes 15 --note 'fifteen minutes are enough to read it'")]
    Offer {
        /// The request (req_…).
        id: String,
        /// An application and the operations left in it; what is not named is dropped.
        #[arg(long = "for", value_name = "APPLICATION=OPERATION,…")]
        applications: Vec<String>,
        /// How long the session may last; as asked unless told.
        #[arg(long)]
        minutes: Option<u32>,
        /// Why this is enough; the requester reads it.
        #[arg(long)]
        note: String,
    },
    /// Take the offer that stands.
    #[command(after_help = "Examples:
  locum accept req_…
  locum accept req_… --digest 9f2c…      only if it is still the offer you saw")]
    Accept {
        /// The request (req_…).
        id: String,
        /// The offer's digest, if another one than stands now must not be taken.
        #[arg(long)]
        digest: Option<String>,
    },
    /// Approve exactly what is shown.
    #[command(after_help = "Examples:
  locum approve req_…                  shows it, and asks on a terminal
  locum approve req_… --digest 9f2c…   only if it is still what you saw
  locum approve req_… --key key.pem    signs what it shows, where `low` applications demand a signature
  locum approve req_… --because 'invoice and contact must be compared' --control 'read-only, 30 minutes'")]
    Approve(ApproveArgs),
    /// Deny, with a reason.
    #[command(after_help = "Example:
  locum deny req_… 'the case can be solved from the invoice that she sent'")]
    Deny {
        /// The request (req_…).
        id: String,
        /// Why; the requester reads it.
        reason: String,
    },
    /// Take back your request, or your approval; a session that stands on it ends.
    #[command(after_help = "Example:
  locum withdraw req_…")]
    Withdraw {
        /// The request (req_…).
        id: String,
    },
    /// Begin the session of an approved request.
    #[command(after_help = "Example:
  locum activate req_…      answers the session and a one-time way into each application")]
    Activate {
        /// The approved request (req_…).
        id: String,
    },
    /// Get a fresh one-time way into an application of a live session.
    #[command(after_help = "Example:
  locum open ses_… billing")]
    Open {
        /// The session (ses_…).
        session: String,
        /// One of its applications.
        application: String,
    },
    /// File a request to lengthen a live session.
    #[command(after_help = "Example:
  locum extend req_… --minutes 15 --reason 'the second invoice is still being compared'")]
    Extend {
        /// The request that the session stands on (req_…).
        id: String,
        /// How much longer.
        #[arg(long)]
        minutes: u32,
        /// Why the time was not enough.
        #[arg(long)]
        reason: String,
    },
    /// End a session: everything in flight is cut.
    #[command(after_help = "Example:
  locum end ses_…")]
    End {
        /// The session (ses_…).
        session: String,
    },
    /// Show a request, session, review or access event by its id.
    #[command(after_help = "Examples:
  locum show req_…
  locum show evt_…      the whole story of one access")]
    Show {
        /// A request (req_…), session (ses_…), review (rev_…) or access event (evt_…).
        id: String,
    },
    /// Say why: which policies decided, which facts they read, and what would have to change.
    #[command(after_help = "Examples:
  locum explain req_…                     how it was decided, who may decide, how it stands now
  locum explain req_… --as prya@corp.example      and whether Prya may decide it
  locum explain ses_…                     what was refused in a session, and what helps
  locum explain --last                    why you were refused just now
  locum explain 1047                      the refusal at that place in the ledger")]
    Explain(ExplainArgs),
    /// List requests, sessions, reviews or holds.
    #[command(after_help = "Examples:
  locum list requests --approver me --state pending
  locum list requests --limit 20 --cursor req_…      the page after
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
    #[command(after_help = "Example:
  locum list holds && locum lift hld_…")]
    Lift {
        /// The hold (hld_…).
        hold: String,
    },
    /// Sign for an authority that an emergency skipped.
    #[command(after_help = "Example:
  locum countersign req_… --note 'seen; it was one'")]
    Countersign {
        /// The request (req_…).
        id: String,
        /// A word to whoever reads it later.
        #[arg(long)]
        note: Option<String>,
    },
    /// Open a closed operation for a time, under two people of different authority.
    #[command(
        subcommand,
        after_help = "Example:
  locum exception list"
    )]
    Exception(ExceptionCommand),
    /// Erase what the record holds of one subject, under two people who had no part in any of it.
    #[command(after_help = "Examples:
  locum erase jdoe@customer.example --reason 'they asked for it in writing'
  locum erase --confirm era_…      as somebody else; who did what and when stays on the record
  locum erase --list")]
    Erase(EraseArgs),
    /// Say who is away, and whom their requests go to meanwhile.
    #[command(
        subcommand,
        after_help = "Example:
  locum absence announce --from 2026-12-21 --until 2027-01-03 --deputy paul@corp.example"
    )]
    Absence(AbsenceCommand),
    /// Complete a review.
    #[command(after_help = "Example:
  locum review rev_… --finding justified --note 'two invoices read, as the case asked'
  locum review rev_… --finding justified --note '…' --key key.pem    signs it, for `low` applications")]
    Review(ReviewArgs),
    /// Export evidence, and verify it without any server.
    #[command(
        subcommand,
        after_help = "Example:
  locum evidence export evt_… -o pack.zip && locum evidence verify pack.zip --key ledger.vkey"
    )]
    Evidence(EvidenceCommand),
    /// Compare the ledger with what the tables say.
    #[command(
        subcommand,
        after_help = "Example:
  locum ledger verify --config deploy/locum.toml"
    )]
    Ledger(LedgerCommand),
    /// Compare what an application accepted with the ledger: a session that its log has and the ledger lacks was minted.
    #[command(after_help = "Examples:
  locum reconcile billing accepted.jsonl
  locum reconcile billing accepted.jsonl --config deploy/locum.toml   read the store, whatever the server says
  zcat accepted.jsonl.*.gz | locum reconcile billing -

A line is what `locum-sdk` writes (docs/for-applications.md), or a session's id alone. Found are sessions that the
ledger does not hold, of another application or access event, accepted before their start or more than an assertion's
life after their end. It exits with
  0  when every session is on the record
  1  when some are not explained
  2  when the file or some of its lines cannot be read; the others are compared all the same")]
    Reconcile(ReconcileArgs),
    /// Copy store and records as of one moment into one file, also while the server runs.
    #[command(after_help = "Example:
  locum backup locum.backup --config deploy/locum.toml

It holds no key: keep a copy of keys/ apart from it.")]
    Backup(BackupArgs),
    /// Put a back-up in place, after all of it was verified and compared with every remembered checkpoint.
    #[command(after_help = "Examples:
  locum restore locum.backup --config deploy/locum.toml
  locum restore locum.backup --config deploy/locum.toml --aside deploy/before
  locum restore locum.backup --config deploy/locum.toml --aside deploy/before --new-epoch \\
      --by 'sam@corp.example' --reason 'the disk of the server failed, and this is the newest copy'")]
    Restore(RestoreArgs),
    /// Be a witness for somebody else's ledger: cosign its checkpoints, with a key and a memory of your own.
    #[command(
        subcommand,
        after_help = "Examples:
  locum witness init witness --name witness.beta.example
  locum witness serve witness --listen 127.0.0.1:8480"
    )]
    Witness(WitnessCommand),

    /// Write a shell's completions to standard output.
    #[command(after_help = "Example:
  locum completions bash > ~/.local/share/bash-completion/completions/locum")]
    Completions {
        /// The shell that completes.
        shell: clap_complete::Shell,
    },
    /// Write manual pages into a folder.
    #[command(after_help = "Example:
  locum man ~/.local/share/man/man1 && man locum-request")]
    Man {
        /// The folder; made where it is not there.
        directory: PathBuf,
    },
    /// Write the OpenAPI description to standard output.
    #[command(hide = true)]
    Openapi,
    /// Write the command reference to standard output.
    #[command(hide = true)]
    Reference,
    /// Write the JSON Schema of locum.toml to standard output.
    #[command(hide = true)]
    Schema,
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use super::*;

    fn visit(command: &Command, path: &str, look: &mut dyn FnMut(&Command, &str)) {
        look(command, path);
        let visible = command
            .get_subcommands()
            .filter(|it| !it.is_hide_set() && it.get_name() != "help");
        for sub in visible {
            visit(sub, &format!("{path} {}", sub.get_name()), look);
        }
    }

    #[test]
    fn every_command_has_examples_that_name_it() {
        let mut poor = Vec::new();
        visit(&Cli::command(), "locum", &mut |command, path| {
            let after = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            if !after.starts_with("Example") || !after.contains(path) {
                poor.push(path.to_owned());
            }
        });
        assert_eq!(
            poor,
            Vec::<String>::new(),
            "commands without an example of their own"
        );
    }

    #[test]
    fn every_argument_says_what_it_is() {
        let mut silent = Vec::new();
        visit(&Cli::command(), "locum", &mut |command, path| {
            let unsaid = command.get_arguments().filter(|it| it.get_help().is_none());
            silent.extend(unsaid.map(|it| format!("{path} {}", it.get_id())));
        });
        assert_eq!(
            silent,
            Vec::<String>::new(),
            "arguments without a help text"
        );
    }

    #[test]
    fn the_definitions_agree_with_themselves() {
        Cli::command().debug_assert();
    }
}
