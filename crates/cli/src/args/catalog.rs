//! What an application can do, proposed from what is known about it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Subcommand)]
pub enum CatalogCommand {
    /// Propose operations from an OpenAPI document, every guess marked for review.
    #[command(after_help = "Examples:
  locum catalog import-openapi openapi.yaml -o billing-operations.toml
  locum catalog import-openapi openapi.json --application billing --config deploy/locum.toml

OpenAPI 3.0 to 3.2 and Swagger 2.0 are read, as JSON and YAML. Whatever looks like a closed operation is proposed as one.")]
    ImportOpenapi(ImportOpenapiArgs),
    /// Propose operations from recordings of a browser (HAR), every guess marked for review.
    #[command(after_help = "Examples:
  locum catalog learn --har recording.har -o wiki-operations.toml
  locum catalog learn --har monday.har --har tuesday.har --host wiki.example.org

A recording holds the cookies of whoever made it: nothing of it is shown but names. Several recordings, made as
different subjects, show better what in a path is an id.")]
    Learn(LearnArgs),
    /// What sessions asked for and no operation has, as lines to paste.
    #[command(after_help = "Examples:
  locum catalog unclassified billing
  locum catalog unclassified billing --json

For the application's owners, security and auditors. Ids are folded to `*`; whatever gets an operation passes from
then on, so read each line first.")]
    Unclassified {
        /// The application's id.
        #[arg(value_name = "APPLICATION")]
        application: String,
    },
}

#[derive(Debug, Clone, Args)]
pub struct ImportOpenapiArgs {
    /// The document.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What stands before its paths, where its `servers` do not say so.
    #[arg(long, value_name = "PATH")]
    pub base: Option<String>,
    #[command(flatten)]
    pub proposing: ProposingArgs,
}

#[derive(Debug, Clone, Args)]
pub struct LearnArgs {
    /// A recording; several are read together.
    #[arg(long = "har", value_name = "FILE", required = true)]
    pub recordings: Vec<PathBuf>,
    /// The application's host as the browser knows it, with its port if it has one; the first page's unless told.
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
    #[command(flatten)]
    pub proposing: ProposingArgs,
}

#[derive(Debug, Clone, Args)]
pub struct ProposingArgs {
    /// Leave out what this application of the catalog classifies already.
    #[arg(long, value_name = "ID")]
    pub application: Option<String>,
    /// The configuration that leads to the catalog.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "locum.toml",
        requires = "application"
    )]
    pub config: PathBuf,
    /// Write the tables into a new file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
