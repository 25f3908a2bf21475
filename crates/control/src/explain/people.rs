//! Who may decide, and why not: each person the route names, whoever reads, and one more who was asked about.

use std::collections::BTreeSet;

use locum_domain::{ApplicationId, Authority, PrincipalId, Refusal, Request, Timestamp};
use locum_policy::Indexed;

use super::judged::{Judged, of_deciding};
use crate::caller::Caller;
use crate::control::Control;

/// A step of the route, by what decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub authority: Authority,
    pub application: Option<ApplicationId>,
}

/// How one person stands to the decision now.
#[derive(Debug, Clone)]
pub struct MayDecide {
    pub person: PrincipalId,
    pub is_caller: bool,
    /// Whether the route named them when it was filed.
    pub is_named: bool,
    pub has_approved: bool,
    /// The steps they may decide, decided ones included.
    pub seats: Vec<Seat>,
    /// Why they may decide none.
    pub refusal: Option<Refusal>,
    /// What was asked of each step.
    pub questions: Vec<Judged>,
}

impl Control {
    /// Everybody in question, in the order of the route; the caller last, unless the route names them.
    pub(super) fn people(
        &self,
        caller: &Caller,
        request: &Request,
        also: Option<&PrincipalId>,
        at: Timestamp,
    ) -> Vec<MayDecide> {
        let catalog = self.catalog_for(caller);
        let named = request.route.steps.iter().flat_map(|it| &it.approvers);
        let approvals = request.route.approvals().map(|it| &it.by);
        let rest = [&caller.principal].into_iter().chain(also);
        let mut seen = BTreeSet::new();
        named
            .chain(approvals)
            .chain(rest)
            .filter(|person| seen.insert(*person))
            .map(|person| self.may_decide(&catalog, caller, request, person, at))
            .collect()
    }

    fn may_decide(
        &self,
        catalog: &Indexed,
        caller: &Caller,
        request: &Request,
        person: &PrincipalId,
        at: Timestamp,
    ) -> MayDecide {
        let traced = self.in_force().policies.tracing();
        let circumstances = self.circumstances(at);
        let permitted = traced
            .policies()
            .may_decide(catalog, request, person, circumstances);
        let steps = &request.route.steps;
        let questions = of_deciding(&traced, person, steps);
        let seat = |index: &usize| {
            let step = steps.get(*index)?;
            Some(Seat {
                authority: step.authority,
                application: step.application.clone(),
            })
        };
        let seats = permitted.iter().flat_map(|it| it.keys());
        MayDecide {
            is_caller: *person == caller.principal,
            is_named: steps.iter().any(|step| step.approvers.contains(person)),
            has_approved: request.route.has_approved(person),
            seats: seats.filter_map(seat).collect(),
            refusal: permitted.err(),
            questions: self.withhold(caller, request, questions),
            person: person.clone(),
        }
    }
}
