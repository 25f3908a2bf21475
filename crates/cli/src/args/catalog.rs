//! What an application can do, proposed from what is known about it.

use clap::Subcommand;

#[derive(Debug, Clone, Subcommand)]
pub enum CatalogCommand {
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
