//! Whether this person may decide this request (R05, R06).

use std::collections::BTreeMap;
use std::sync::Arc;

use locum_domain::route::Step;
use locum_domain::{Denial, PrincipalId, Refusal, Request};

use crate::filing::Circumstances;
use crate::index::Indexed;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::question::{No, Objection};
use crate::seat::Seat;

impl Policies {
    /// The steps, decided ones included, that this person may decide, each with the `@id`s of the policies
    /// that say so. Never empty.
    ///
    /// # Errors
    /// In this order: `non-human-approver`, `not-a-named-person`, `self-approval`, `conflict-of-interest`,
    /// `not-an-approver`; `policy-error` before all of them when a policy cannot be evaluated.
    pub fn may_decide(
        &self,
        catalog: &Indexed,
        request: &Request,
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let steps = &request.route.steps;
        self.may_take(catalog, request, steps, person, circumstances)
    }

    /// The authorities an emergency skipped that this person may sign for afterwards (R11), as for deciding.
    ///
    /// # Errors
    /// As for [`Policies::may_decide`].
    pub fn may_countersign(
        &self,
        catalog: &Indexed,
        request: &Request,
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let steps = &request.route.afterwards;
        self.may_take(catalog, request, steps, person, circumstances)
    }

    fn may_take(
        &self,
        catalog: &Indexed,
        request: &Request,
        steps: &[Step],
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let parties = Parties::of_request(catalog, request);
        let mut permitted = BTreeMap::new();
        let mut against: Option<Arc<Objection>> = None;
        for (index, step) in steps.iter().enumerate() {
            let seat = Seat::of_step(catalog, step, circumstances);
            let owner_stands_in = self.owner_stands_in(&parties, seat)?;
            let seat = Seat {
                owner_stands_in,
                ..seat
            };
            match self.may_sit(&parties, seat, person) {
                Ok(rules) => {
                    permitted.insert(index, rules);
                }
                Err(No::Objections(objections)) if !objections.is_empty() => {
                    against = against.into_iter().chain(objections).min();
                }
                Err(no) => return Err(no.refusal()),
            }
        }
        match against {
            _ if !permitted.is_empty() => Ok(permitted),
            Some(worst) => Err(worst.refusal()),
            None => Err(Denial::NotAnApprover.because("this request has no step to decide")),
        }
    }
}
