//! Whether anybody may act as this subject in this application (R20).

use locum_domain::catalog::Application;
use locum_domain::request::SubjectThere;
use locum_domain::{Case, Refusal};

use crate::filing::Filing;
use crate::policies::Policies;

impl Policies {
    /// Judges who the case's subject is in one application. Where an application declares no `[subjects]`,
    /// `there` is the case's subject as it stands.
    ///
    /// # Errors
    /// `case-mismatch` when the application gives another tenant than the case, and `protected-subject`.
    pub fn judge_subject(
        &self,
        filing: &Filing<'_>,
        application: &Application,
        case: &Case,
        there: &SubjectThere,
    ) -> Result<Vec<String>, Refusal> {
        let _ = (filing, application, case, there);
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
