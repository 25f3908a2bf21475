//! `check --live`: does a connector reach its case system, and does its credential only read?
//!
//! A credential's rights cannot be read off it, so writes are tried that must be refused and that change nothing
//! if they are not: an empty object under a version that nothing has (`If-Match`), a property that does not
//! exist, or the value that is already there. Refused means refused because of who asks; an answer that says
//! anything else about the write came from behind that decision and is a finding.

mod generic;
mod roundup;

use std::fmt;

/// What one attempt showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFinding {
    /// What was tried, as `change the issue's \`status\``.
    pub attempt: String,
    pub verdict: Verdict,
}

/// How an attempt came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The system answered what was asked for.
    Read,
    /// A write was refused, as it must be.
    Refused(u16),
    /// A write was not refused: the credential can do more than read.
    Allowed(u16),
    /// The system could not be asked, or gave no usable answer.
    Failed(String),
    /// The answer proves nothing either way; says what would.
    Unproven(String),
}

impl ProbeFinding {
    fn new(attempt: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            attempt: attempt.into(),
            verdict,
        }
    }

    /// Whether this must be put right: the system is out of reach or the credential writes.
    pub fn is_problem(&self) -> bool {
        matches!(self.verdict, Verdict::Allowed(_) | Verdict::Failed(_))
    }

    /// Whether the proof is incomplete here.
    pub fn is_unproven(&self) -> bool {
        matches!(self.verdict, Verdict::Unproven(_))
    }
}

impl fmt::Display for ProbeFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = &self.attempt;
        match &self.verdict {
            Verdict::Read => write!(f, "could {attempt}"),
            Verdict::Refused(status) => {
                write!(f, "could not {attempt} ({status}), as it should be")
            }
            Verdict::Allowed(status) => write!(
                f,
                "the credential may {attempt} ({status}); give it one that only reads"
            ),
            Verdict::Failed(cause) => write!(f, "could not {attempt}: {cause}"),
            Verdict::Unproven(why) => write!(f, "unknown whether it may {attempt}: {why}"),
        }
    }
}
