//! What an approver says in their own words, and signs together with what they were shown.

use super::Request;
use crate::authenticator::ApprovalStatement;
use crate::ids::PrincipalId;
use crate::route::{Approval, Step};

/// An approver's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalWords {
    pub note: Option<String>,
    pub unavoidable_because: Option<String>,
    pub compensating_controls: Vec<String>,
    pub covers_narrower: bool,
}

impl ApprovalWords {
    /// The words that an approval recorded.
    pub fn of(approval: &Approval) -> Self {
        Self {
            note: approval.note.clone(),
            unavoidable_because: approval.unavoidable_because.clone(),
            compensating_controls: approval.compensating_controls.clone(),
            covers_narrower: approval.covers_narrower,
        }
    }

    /// What `by` signs when they approve `step` of `request` in these words.
    pub fn statement<'a>(
        &'a self,
        request: &'a Request,
        by: &'a PrincipalId,
        step: &'a Step,
    ) -> ApprovalStatement<'a> {
        ApprovalStatement {
            by,
            authority: step.authority,
            application: step.application.as_ref(),
            shown: request.shown(),
            note: self.note.as_deref(),
            unavoidable_because: self.unavoidable_because.as_deref(),
            compensating_controls: &self.compensating_controls,
            covers_narrower: self.covers_narrower,
        }
    }
}
