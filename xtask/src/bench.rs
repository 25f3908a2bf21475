//! `cargo xtask bench`: each driver measures Locum and its peers in the same run.

use clap::{Args, ValueEnum};

use crate::needs::Need;
use crate::process::Outcome;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    name: Name,
    /// One JSON document instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// CPU per request of nginx, HAProxy and Caddy as plain proxies, nginx asking an authorizer, and Locum recording
    Gateway,
    /// A closed case: time to the last byte of every request in flight
    Revoke,
    /// Durable appends
    Ledger,
    /// A decision of policy over 10,000 people, beside Cedar alone, Casbin and Rego
    Decide,
    /// Evidence of an event with a million access records, beside its hashes alone
    Verify,
}

impl Name {
    fn driver(self) -> &'static str {
        match self {
            Self::Gateway => "bench.gateway",
            Self::Revoke => "bench.revoke",
            Self::Ledger => "bench.ledger",
            Self::Decide => "bench.decide",
            Self::Verify => "bench.verify",
        }
    }

    /// What of ours it drives.
    fn build(self) -> Vec<&'static str> {
        let example = match self {
            Self::Gateway | Self::Revoke => vec![],
            Self::Ledger => vec![
                "--package",
                "locum-record",
                "--package",
                "locum-testkit",
                "--example",
                "appends",
                "--example",
                "indexed",
            ],
            Self::Decide => vec!["--package", "locum-policy", "--example", "decisions"],
            Self::Verify => vec![
                "--package",
                "locum",
                "--package",
                "locum-evidence",
                "--example",
                "large_event",
            ],
        };
        [vec!["build", "--release", "--quiet"], example].concat()
    }

    /// Without these there is nothing to measure with.
    fn needs(self) -> &'static [Need] {
        match self {
            Self::Gateway => &[Need::Python, Need::Nginx, Need::Wrk, Need::Taskset],
            Self::Revoke | Self::Ledger | Self::Verify => &[Need::Python],
            Self::Decide => &[Need::Python, Need::PythonVenv],
        }
    }

    /// Peers: the driver says which are absent.
    fn peers(self) -> &'static [Need] {
        match self {
            Self::Gateway => &[Need::Haproxy, Need::Caddy],
            // Those of `decide` come from PyPI, by its driver.
            Self::Revoke | Self::Ledger | Self::Decide | Self::Verify => &[],
        }
    }
}

/// # Errors
/// When something it measures with is missing, or the driver fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Outcome {
    for need in options.name.needs() {
        need.ensure()?;
    }
    for peer in options.name.peers() {
        if let Err(why) = peer.ensure() {
            eprintln!("absent peer: {why}");
        }
    }
    workspace.call("cargo", options.name.build()).run()?;
    let mut arguments = vec!["-m", options.name.driver()];
    if options.json {
        arguments.push("--json");
    }
    workspace
        .call("python3", arguments)
        .with("LOCUM_BIN", workspace.binary("release"))
        .run()
}
