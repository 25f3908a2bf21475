//! The case: the ticket in the outside system of record that justifies access.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CaseRef, SubjectId, TenantId};

/// A case as its system attested it at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub reference: CaseRef,
    /// Whether the system counts the case as open.
    pub is_open: bool,
    /// The state in the system's own word.
    pub state: String,
    /// The account, at the desk, of the person the case is assigned to.
    pub assignee: Option<String>,
    /// The attested requester of the case: never an address typed into its text.
    pub subject: Option<SubjectId>,
    pub tenant: Option<TenantId>,
    pub title: Option<String>,
    pub priority: Option<String>,
    pub queue: Option<String>,
    /// The desk's account of whoever opened the case; `None` when the desk cannot tell.
    pub opened_by: Option<String>,
    /// The desk's account of whoever set the subject; `None` means whoever opened it.
    pub subject_set_by: Option<String>,
    pub opened_at: Option<Timestamp>,
    pub looked_up_at: Timestamp,
}

/// Why a case could not be looked up. Either way no access follows from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseLookupError {
    /// The system answered and knows no such case.
    #[error("case system knows no such case")]
    Unknown,
    /// No trustworthy answer: down, slow, malformed, refused.
    #[error("case system gave no usable answer: {0}")]
    Unreachable(String),
}

/// What a case system can tell Locum on its own account. There is no approving variant: a case
/// system can end access and never grant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseSignal {
    /// An authentic message says that the case is no longer open.
    Closed { case: CaseRef, state: String },
    /// Something about this case changed: look it up.
    Changed { case: CaseRef },
    /// Something changed and the message does not say where: look up every live case.
    SomethingChanged { connector: String },
}

/// Something Locum learnt about a case that sessions hang on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChange {
    pub case: CaseRef,
    pub is_open: bool,
    /// The system's own word, or why it could not be had.
    pub state: String,
    pub at: Timestamp,
    /// How Locum learnt it: `webhook`, `poll`, `look-up` or a person's id.
    pub source: String,
}

/// What Locum last recorded of a case. Its version is what an activation is guarded with, so that a close
/// that arrives between look-up and commit wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedCase {
    pub last: CaseChange,
}

impl WatchedCase {
    /// Folds an event of a case's stream.
    pub fn evolve(state: Option<WatchedCase>, event: &crate::event::Event) -> Option<WatchedCase> {
        match event {
            crate::event::Event::CaseChanged { change } => Some(WatchedCase {
                last: change.clone(),
            }),
            _ => state,
        }
    }
}
