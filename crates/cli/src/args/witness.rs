//! Being a witness for somebody else's ledger.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub enum WitnessCommand {
    /// Make a witness: a folder with its key and an empty memory.
    #[command(after_help = "Example:
  locum witness init witness --name witness.beta.example

It prints the verifier key, which those who trust you write into their trust policy.")]
    Init(WitnessInitArgs),
    /// Cosign what the ledgers that it knows show it.
    #[command(after_help = "Example:
  locum witness serve witness --listen 127.0.0.1:8480

It speaks cleartext, because everything it hears and says is signed: put your usual proxy with TLS before it.
Whoever runs the ledger writes its address into `[ledger] witnesses`.")]
    Serve(WitnessServeArgs),
}

#[derive(Debug, Clone, Args)]
pub struct WitnessInitArgs {
    /// The new folder.
    pub folder: PathBuf,
    /// The name of its key, a host that you own and a path if you like: witness.beta.example/w1.
    #[arg(long)]
    pub name: String,
}

#[derive(Debug, Clone, Args)]
pub struct WitnessServeArgs {
    /// The folder of `locum witness init`. Its file `ledgers` says whose checkpoints are cosigned.
    pub folder: PathBuf,
    /// Where it listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8480")]
    pub listen: SocketAddr,
}
