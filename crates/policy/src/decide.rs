//! Whether this person may decide this request (R05, R06).

use std::collections::BTreeMap;

use locum_domain::catalog::Application;
use locum_domain::route::Step;
use locum_domain::{Authority, Catalog, Denial, PrincipalId, Refusal, Request};

use crate::entities;
use crate::filing::Circumstances;
use crate::holders::candidates;
use crate::names;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::question::{Action, No, Objection, Question};
use crate::value::Attributes;

/// One step that somebody might decide.
#[derive(Clone, Copy)]
pub(crate) struct Seat<'a> {
    pub(crate) authority: Authority,
    pub(crate) application: Option<&'a Application>,
    /// The rule that demanded the step.
    pub(crate) rule: &'a str,
    /// Whom the step named when it was filed.
    pub(crate) named: &'a [PrincipalId],
    /// Whether no delegate is left, so that the owner decides in their place.
    pub(crate) owner_stands_in: bool,
    pub(crate) circumstances: Circumstances,
}

impl<'a> Seat<'a> {
    pub(crate) fn of_step(
        catalog: &'a Catalog,
        step: &'a Step,
        circumstances: Circumstances,
    ) -> Self {
        let application = step.application.as_ref();
        Self {
            authority: step.authority,
            application: application.and_then(|id| catalog.applications.get(id)),
            rule: &step.rule,
            named: &step.approvers,
            owner_stands_in: false,
            circumstances,
        }
    }
}

impl Policies {
    /// The steps, decided ones included, that this person may decide, each with the `@id`s of the policies
    /// that say so. Never empty.
    ///
    /// # Errors
    /// In this order: `non-human-approver`, `not-a-named-person`, `self-approval`, `conflict-of-interest`,
    /// `not-an-approver`; `policy-error` before all of them when a policy cannot be evaluated.
    pub fn may_decide(
        &self,
        catalog: &Catalog,
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
        catalog: &Catalog,
        request: &Request,
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let steps = &request.route.afterwards;
        self.may_take(catalog, request, steps, person, circumstances)
    }

    fn may_take(
        &self,
        catalog: &Catalog,
        request: &Request,
        steps: &[Step],
        person: &PrincipalId,
        circumstances: Circumstances,
    ) -> Result<BTreeMap<usize, Vec<String>>, Refusal> {
        let parties = Parties::of_request(catalog, request);
        let mut permitted = BTreeMap::new();
        let mut against: Option<Objection> = None;
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

    /// Whether Cedar lets this person decide this step.
    pub(crate) fn may_sit(
        &self,
        parties: &Parties<'_>,
        seat: Seat<'_>,
        person: &PrincipalId,
    ) -> Result<Vec<String>, No> {
        let known = self
            .bench(parties, seat.application, person)
            .map_err(No::Unanswered)?;
        let application = seat.application.map(|it| names::application(&it.id));
        let context = Attributes::default()
            .entity("authority", names::authority(seat.authority))
            .maybe_entity("application", application)
            .text("rule", seat.rule)
            .entities("named", seat.named.iter().map(names::person))
            .truth("owner_stands_in", seat.owner_stands_in)
            .circumstances(seat.circumstances);
        self.ask(Question {
            principal: names::principal(parties.catalog, person),
            action: Action::Approve,
            resource: names::request(),
            context,
            entities: &known,
        })
    }

    fn bench(
        &self,
        parties: &Parties<'_>,
        application: Option<&Application>,
        person: &PrincipalId,
    ) -> Result<cedar_policy::Entities, Refusal> {
        let mut cast = vec![
            entities::principal(parties.catalog, person, &parties.everybody())?,
            parties.entity()?,
        ];
        if let Some(application) = application {
            cast.push(entities::application(parties.catalog, application)?);
        }
        self.entities(cast)
    }

    /// Those of the candidates whom Cedar lets decide this step.
    pub(crate) fn seated<'a>(
        &self,
        parties: &Parties<'a>,
        seat: Seat<'_>,
        candidates: Vec<&'a PrincipalId>,
    ) -> Result<Vec<PrincipalId>, Refusal> {
        let mut seated = Vec::new();
        for person in candidates {
            match self.may_sit(parties, seat, person) {
                Ok(_) => seated.push(person.clone()),
                Err(No::Objections(objections)) if !objections.is_empty() => {}
                Err(no) => return Err(no.refusal()),
            }
        }
        Ok(seated)
    }

    /// Whether this is a delegate's step and no delegate is left for it.
    pub(crate) fn owner_stands_in<'a>(
        &self,
        parties: &Parties<'a>,
        seat: Seat<'a>,
    ) -> Result<bool, Refusal> {
        if seat.authority != Authority::Delegate {
            return Ok(false);
        }
        let delegates = candidates(parties, seat.authority, seat.application);
        Ok(self.seated(parties, seat, delegates)?.is_empty())
    }
}
