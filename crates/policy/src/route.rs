//! Which approvals a filing demands, from whom and until when.

use std::collections::BTreeSet;

use locum_domain::{ApplicationId, Case, PrincipalId, Refusal, Route};

use crate::case::CaseFinding;
use crate::filing::Filing;
use crate::policies::Policies;

/// What happened before, as far as a route depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Other applications already asked for on this case, or for this subject in 24 hours by anybody.
    pub crossed: BTreeSet<ApplicationId>,
    /// Minutes already granted to this actor for this subject within 24 hours.
    pub minutes_in_24h: u32,
    /// Age of the case in whole days, where the desk tells it.
    pub case_age_days: Option<u32>,
    /// Emergencies of this requester within 30 days, this one not counted.
    pub emergencies_in_30_days: u32,
    /// Who denied the same request within 24 hours.
    pub earlier_decider: Option<PrincipalId>,
}

impl Policies {
    /// The route this filing must take.
    ///
    /// # Errors
    /// `no-approver-left`, naming the authority that has nobody.
    pub fn route(
        &self,
        filing: &Filing<'_>,
        case: &Case,
        finding: &CaseFinding,
        history: &History,
        signature_demanded: bool,
    ) -> Result<Route, Refusal> {
        let _ = (filing, case, finding, history, signature_demanded);
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
