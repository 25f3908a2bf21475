//! Whether what was approved may still begin (R13, R16, R17).

use std::collections::BTreeSet;
use std::sync::Arc;

use locum_domain::{Case, Denial, Refusal, Request};

use crate::filing::{Circumstances, Filing};
use crate::known::Known;
use crate::names;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::question::{Action, No, Question};
use crate::route::History;
use crate::seat::Seat;
use crate::value::Attributes;

impl Policies {
    /// Judges everything again that may have changed since `request` was filed, by the `filing` it would be now: eligibility, the case as
    /// just looked up, the subject, that every approver still holds the authority they decided on, and that
    /// policy demands no step the request does not have.
    ///
    /// # Errors
    /// Those of filing, of the case and of the subject, then `missing-approval`.
    pub fn may_activate(
        &self,
        filing: &Filing<'_>,
        request: &Request,
        case: &Case,
    ) -> Result<Vec<String>, Refusal> {
        let mut rules: BTreeSet<String> = self.may_file(filing)?.rules.into_iter().collect();
        let finding = self.judge_case(filing, case, &request.subject)?;
        for (id, there) in &request.subjects {
            if let Some(application) = filing.catalog.applications.get(id) {
                rules.extend(self.judge_subject(filing, application, case, there)?);
            }
        }
        // What depends on earlier requests was demanded at filing; what is demanded without them must be there.
        let demanded = self.demanded(filing, &History::default(), finding.needs_second_approver)?;
        for demand in demanded {
            let application = demand.application.map(|it| &it.id);
            let is_there = request.route.steps.iter().any(|step| {
                step.authority == demand.authority && step.application.as_ref() == application
            });
            if !is_there {
                let authority = demand.authority.as_str();
                let detail = format!("policy now demands `{authority}` too: ask again");
                return Err(Denial::MissingApproval.because(detail).by(demand.rule));
            }
        }
        rules.extend(finding.rules);
        rules.extend(self.activate(filing, request)?);
        Ok(rules.into_iter().collect())
    }

    fn activate(&self, filing: &Filing<'_>, request: &Request) -> Result<Vec<String>, Refusal> {
        let catalog = filing.catalog;
        let parties = Parties::of_request(catalog, request);
        let missing = self.approvals_missing(&parties, request, filing.circumstances)?;
        let asked = filing.asked();
        let applications = || asked.iter().map(|(application, _)| *application);
        let tiers: BTreeSet<&str> = applications().map(|it| it.tier.as_str()).collect();
        let classes = applications().flat_map(|it| &it.data);
        let data: BTreeSet<&str> = classes.map(|it| it.as_str()).collect();
        let operations = asked.iter().flat_map(|(_, operations)| operations);
        let effects: BTreeSet<&str> = operations.map(|it| it.effect.as_str()).collect();
        let context = Attributes::default()
            .texts("tiers", tiers)
            .texts("data", data)
            .texts("effects", effects)
            .number("approvals_missing", missing)
            .circumstances(filing.circumstances)
            .context();
        let actor = catalog.principal_alone(filing.actor);
        let known = Known::of([Arc::clone(&actor), parties.entity()])?;
        self.ask(Question {
            principal: names::of(&actor),
            action: Action::Activate,
            resource: names::this_request(),
            context,
            known: &known,
        })
        .map_err(|no| no.refusal())
    }

    /// How many steps lack the approval of somebody who still holds their authority.
    fn approvals_missing(
        &self,
        parties: &Parties<'_>,
        request: &Request,
        circumstances: Circumstances,
    ) -> Result<u32, Refusal> {
        let mut missing: u32 = 0;
        let mut deciders = BTreeSet::new();
        for step in &request.route.steps {
            let seat = Seat {
                // Whoever stood in for a delegate when deciding did so rightly, even if one is named since.
                owner_stands_in: true,
                ..Seat::of_step(parties.catalog, step, circumstances)
            };
            let still = match &step.approval {
                Some(approval) if deciders.insert(&approval.by) => {
                    match self.may_sit(parties, seat, &approval.by) {
                        Ok(_) => true,
                        Err(No::Objections(objections)) if !objections.is_empty() => false,
                        Err(no) => return Err(no.refusal()),
                    }
                }
                _ => false,
            };
            missing = missing.saturating_add(u32::from(!still));
        }
        Ok(missing)
    }
}
