//! Signing in, authenticators and keys.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Args)]
pub struct LoginArgs {
    /// Only say who is signed in.
    #[arg(long)]
    pub status: bool,
}

#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct EnrolArgs {
    /// The file of the private key; made where it is not there, for you alone to read.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub key_file: Option<PathBuf>,
    /// What you call the key.
    #[arg(long, requires = "key_file")]
    pub name: Option<String>,
    /// Your lost authenticator whose place it takes (aut_…).
    #[arg(long, value_name = "AUTHENTICATOR", requires = "key_file")]
    pub replaces: Option<String>,
    #[command(subcommand)]
    pub command: Option<EnrolCommand>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum EnrolCommand {
    /// List authenticators, and the enrolments that wait.
    #[command(after_help = "Examples:
  locum enrol list
  locum enrol list --person ann@bpo.example")]
    List {
        /// Whose; yours unless told.
        #[arg(long)]
        person: Option<String>,
    },
    /// Show an enrolment, and the fingerprint to compare before anybody approves it.
    #[command(after_help = "Example:
  locum enrol show enr_…")]
    Show {
        /// The enrolment (enr_…).
        id: String,
    },
    /// Make a link by which somebody who has nothing to sign in with asks for their first passkey. Another person than
    /// you signs for it.
    #[command(after_help = "Example:
  locum enrol invite ann@bpo.example")]
    Invite {
        /// The person's id.
        person: String,
    },
    /// Say where somebody else's enrolment is approved: in the console, with your own passkey.
    #[command(after_help = "Example:
  locum enrol approve enr_…")]
    Approve {
        /// The enrolment (enr_…).
        id: String,
    },
    /// Deny somebody's enrolment, or take back your own.
    #[command(after_help = "Example:
  locum enrol deny enr_… --reason 'she did not ask for it'")]
    Deny {
        /// The enrolment (enr_…).
        id: String,
        /// Why; the person who asked reads it.
        #[arg(long)]
        reason: String,
    },
    /// Take an authenticator out of use at once. What it signed and nobody has used yet counts no more.
    #[command(after_help = "Example:
  locum enrol revoke aut_… --reason 'left in a train'")]
    Revoke {
        /// The authenticator (aut_…).
        authenticator: String,
        /// What happened to it.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// List the public halves of Locum's own signing keys, the retired ones too.
    #[command(after_help = "Examples:
  locum keys list                               ask the server
  locum keys list --config deploy/locum.toml    read its key ring, beside it or without it")]
    List {
        /// Read the key ring of this configuration instead of asking the server.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Put a new key in the place of the one that signs. It is recorded, and the old public half is kept.
    #[command(after_help = "Examples:
  locum keys rotate grant
  locum keys rotate assertion --application billing")]
    Rotate {
        /// What the key is for.
        #[arg(value_parser = ["assertion", "grant", "access-token"])]
        purpose: String,
        /// Whose assertions it signs: each application has its own key.
        #[arg(long)]
        application: Option<String>,
    },
}
