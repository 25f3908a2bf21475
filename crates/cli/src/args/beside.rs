//! What people put on the record beside the catalog: exceptions and absences.

use clap::Subcommand;

#[derive(Debug, Clone, Subcommand)]
pub enum ExceptionCommand {
    /// Ask for a closed operation to be open for a time; somebody of the other authority opens it.
    #[command(after_help = "Example:
  locum exception ask billing payout.create --until 2026-12-24T12:00:00Z \\
      --reason 'the bank's own portal is down until Thursday'")]
    Ask {
        /// The application.
        application: String,
        /// Its closed operation.
        operation: String,
        /// When it closes again by itself (RFC 3339), within 30 days.
        #[arg(long)]
        until: String,
        /// Why it cannot wait for the user; every report shows it.
        #[arg(long)]
        reason: String,
    },
    /// List the exceptions that you may see.
    #[command(after_help = "Example:
  locum exception list")]
    List,
    /// Open it, as somebody of the other authority than whoever asked.
    #[command(after_help = "Example:
  locum exception confirm exc_…      where a signature is demanded, it says where you sign")]
    Confirm {
        /// The exception (exc_…).
        id: String,
    },
    /// Say no to it.
    #[command(after_help = "Example:
  locum exception deny exc_… 'the portal works again'")]
    Deny {
        /// The exception (exc_…).
        id: String,
        /// Why not.
        reason: String,
    },
    /// Close the operation again before its time; every session that stands on it ends.
    #[command(after_help = "Example:
  locum exception end exc_…")]
    End {
        /// The exception (exc_…).
        id: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub enum AbsenceCommand {
    /// Say that you are away; requests go round you meanwhile.
    #[command(after_help = "Examples:
  locum absence announce --from 2026-12-21 --until 2027-01-03 --deputy paul@corp.example
  locum absence announce --person ann@corp.example --from 2026-12-21 --until 2026-12-23      as Ann's manager")]
    Announce {
        /// The first day away.
        #[arg(long)]
        from: String,
        /// The last day away.
        #[arg(long)]
        until: String,
        /// Who decides meanwhile what they hold the authority for themselves.
        #[arg(long)]
        deputy: Option<String>,
        /// Somebody whose manager you are; you, unless told.
        #[arg(long)]
        person: Option<String>,
    },
    /// Say that you are back.
    #[command(after_help = "Example:
  locum absence end")]
    End {
        /// Somebody whose manager you are; you, unless told.
        #[arg(long)]
        person: Option<String>,
    },
    /// List whoever is away today.
    #[command(after_help = "Example:
  locum absence list")]
    List,
}
