//! Whether this person may decide this request (R05, R06).

use std::collections::BTreeMap;

use locum_domain::{Catalog, PrincipalId, Refusal, Request};

use crate::filing::Circumstances;
use crate::policies::Policies;

impl Policies {
    /// The steps, decided ones included, that this person may decide, each with the `@id`s of the policies
    /// that say so. Never empty.
    ///
    /// # Errors
    /// In this order: `non-human-approver`, `not-a-named-person`, `self-approval`, `conflict-of-interest`,
    /// `not-an-approver`.
    pub fn may_decide(
        &self,
        catalog: &Catalog,
        request: &Request,
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let _ = (catalog, request, person, circumstances);
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
