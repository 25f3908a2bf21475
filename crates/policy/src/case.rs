//! Whether the case, as its system attests it, justifies this filing (R02).

use locum_domain::{Case, Refusal, SubjectId};

use crate::filing::Filing;
use crate::policies::Policies;

/// What an acceptable case still leaves to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFinding {
    /// Sentences that go on top of the decision card.
    pub warnings: Vec<String>,
    /// Whether nobody outside vouches for the case, so that a second approver must.
    pub needs_second_approver: bool,
    /// The `@id`s of the policies that accepted the case or asked for the second approver.
    pub rules: Vec<String>,
}

impl Policies {
    /// Judges the looked-up case.
    ///
    /// # Errors
    /// In this order: `case-not-open`, `not-the-assignee`, `case-mismatch`, `self-made-case`.
    pub fn judge_case(
        &self,
        filing: &Filing<'_>,
        case: &Case,
        subject: &SubjectId,
    ) -> Result<CaseFinding, Refusal> {
        let _ = (filing, case, subject);
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
