//! Who examines a finished session (R27).

use std::collections::BTreeSet;

use locum_domain::catalog::Role;
use locum_domain::{PrincipalId, Request};

use crate::entities;
use crate::index::Indexed;
use crate::known::Known;
use crate::names;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::question::{Action, Question};
use crate::value::Attributes;

impl Policies {
    /// The named person who reviews: the application's reviewer, else a security control owner, else the
    /// requester's manager; security first when applications were crossed. Never who asked, acted, approved
    /// or sponsored, and never one of `barred`.
    pub fn reviewer(
        &self,
        catalog: &Indexed,
        request: &Request,
        barred: &[PrincipalId],
    ) -> Option<PrincipalId> {
        let parties = Parties::of_request(catalog, request);
        let mut candidates: Vec<&PrincipalId> = Vec::new();
        if request.scope.0.len() > 1 {
            candidates.extend(catalog.in_roles(&[Role::Security]));
            candidates.extend(catalog.in_roles(&[Role::SecurityControlOwner]));
        }
        let asked = parties.applications();
        let reviewers = asked.filter_map(|id| catalog.applications.get(id)?.reviewer.as_ref());
        candidates.extend(reviewers);
        candidates.extend(catalog.in_roles(&[Role::SecurityControlOwner]));
        candidates.extend(parties.manager());
        let may = |person: &&&PrincipalId| self.may_review(&parties, request, barred, person);
        candidates.iter().find(may).map(|person| (*person).clone())
    }

    /// Whether Cedar lets this person review. What cannot be evaluated is a no.
    fn may_review(
        &self,
        parties: &Parties<'_>,
        request: &Request,
        barred: &[PrincipalId],
        person: &PrincipalId,
    ) -> bool {
        let approvers = || request.route.approvals().map(|approval| &approval.by);
        let mut involved: BTreeSet<&PrincipalId> = parties.everybody().clone();
        involved.extend(approvers());
        involved.extend(barred);
        let cast = [
            entities::principal(parties.catalog, person, &involved),
            parties.entity(),
        ];
        let [candidate, _] = &cast;
        let who = names::of(candidate);
        let Ok(known) = Known::of(cast) else {
            return false;
        };
        let context = Attributes::default()
            .entities("approvers", approvers().map(names::person))
            .entities("barred", barred.iter().map(names::person))
            .context();
        self.ask(Question {
            principal: who,
            action: Action::Review,
            resource: names::this_request(),
            context,
            known: &known,
        })
        .is_ok()
    }
}
