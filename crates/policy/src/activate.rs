//! Whether what was approved may still begin (R13, R16, R17).

use locum_domain::{Case, Catalog, Refusal, Request};

use crate::filing::Circumstances;
use crate::policies::Policies;

impl Policies {
    /// Judges everything again that may have changed since the request was filed: eligibility, the case as
    /// just looked up, that every approver still holds the authority they decided on, and that policy
    /// demands no step the request does not have.
    ///
    /// # Errors
    /// Those of filing and of the case, and `missing-approval`.
    pub fn may_activate(
        &self,
        catalog: &Catalog,
        request: &Request,
        case: &Case,
        circumstances: Circumstances,
    ) -> Result<Vec<String>, Refusal> {
        let _ = (catalog, request, case, circumstances);
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
