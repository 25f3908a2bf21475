//! Why a command did not do what it was asked, and the exit status that says so.

use locum_api::{ClientError, Problem};

/// The process's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    /// By policy or state, with a typed reason.
    Refused = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    Unreachable = 3,
    /// Evidence does not verify.
    Unverified = 4,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("refused: {} ({})", .0.detail, .0.code)]
    Refused(Box<Problem>),
    /// Refused without a server: a table test that fails, a ledger that disagrees.
    #[error("{0}")]
    State(String),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    Unverified(String),
}

impl Failure {
    /// The status the process exits with.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Refused(_) | Failure::State(_) => Exit::Refused,
            Failure::Usage(_) => Exit::Usage,
            Failure::Unreachable(_) => Exit::Unreachable,
            Failure::Unverified(_) => Exit::Unverified,
        }
    }

    /// What to do about it, where something can be done.
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Failure::Refused(problem) => problem.remedy.as_deref(),
            Failure::Unreachable(_) => {
                Some("is `locum serve` running, and does LOCUM_URL name its public_url?")
            }
            _ => None,
        }
    }

    /// The failure as a machine reads it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Failure::Refused(problem) => serde_json::json!({ "error": problem }),
            other => {
                serde_json::json!({ "error": { "detail": other.to_string(), "exit": other.exit() as u8 } })
            }
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            // Nobody was named: that is how the command was called, not what policy says.
            ClientError::Refused(problem)
                if problem.status == 401 && problem.code == "no-credential" =>
            {
                Failure::Usage(format!(
                    "{}; set LOCUM_TOKEN or use --token",
                    problem.detail
                ))
            }
            ClientError::Refused(problem) => Failure::Refused(problem),
            other => {
                let cause = std::error::Error::source(&other).map(|cause| format!(": {cause}"));
                Failure::Unreachable(format!("{other}{}", cause.unwrap_or_default()))
            }
        }
    }
}
