//! One step that somebody might decide, and who of its candidates may.

use cedar_policy_core::ast::Context;
use locum_domain::catalog::Application;
use locum_domain::route::Step;
use locum_domain::{Authority, Catalog, PrincipalId, Refusal};

use crate::entities;
use crate::filing::Circumstances;
use crate::holders::candidates;
use crate::index::Standing;
use crate::known::Known;
use crate::names;
use crate::parties::Parties;
use crate::policies::Policies;
use crate::question::{Action, No, Question};
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

/// What the questions about one seat have in common, whoever would sit there.
struct Bench {
    context: Context,
    /// With whomever was asked about: nobody else's entry says anything about a candidate.
    known: Known,
}

impl Policies {
    /// Whether Cedar lets this person decide this step.
    pub(crate) fn may_sit(
        &self,
        parties: &Parties<'_>,
        seat: Seat<'_>,
        person: &PrincipalId,
    ) -> Result<Vec<String>, No> {
        let mut bench = bench(parties, seat)?;
        self.ask(bench.question(parties, person)?)
    }

    /// Those of the candidates whom Cedar lets decide this step.
    ///
    /// Of people who differ in nothing but who they are, and whom nothing in the question names, one is asked about
    /// for all, where no policy tells them apart: a step that fifty managers could decide takes few questions.
    pub(crate) fn seated<'a>(
        &self,
        parties: &Parties<'a>,
        seat: Seat<'_>,
        candidates: Vec<&'a PrincipalId>,
    ) -> Result<Vec<PrincipalId>, Refusal> {
        let mut bench = bench(parties, seat)?;
        let are_alike = self.takes_alike_for_alike(seat.authority);
        let named = named(parties, seat);
        let mut answers: Vec<(Standing, bool)> = Vec::new();
        let mut seated = Vec::new();
        for person in candidates {
            let standing = parties
                .catalog
                .standing(person)
                .filter(|_| are_alike && !named.contains(&person));
            let known = standing.and_then(|it| answers.iter().find(|(other, _)| *other == it));
            let may_sit = match known {
                Some((_, answer)) => *answer,
                None => self.allows(bench.question(parties, person)?)?,
            };
            if known.is_none() {
                answers.extend(standing.map(|it| (it, may_sit)));
            }
            if may_sit {
                seated.push(person.clone());
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

    /// Whoever explains is told about everybody.
    fn takes_alike_for_alike(&self, authority: Authority) -> bool {
        let policies = self.relevant.to_approve_as(authority);
        self.trace.is_none() && policies.is_some_and(|it| !it.tells_people_apart)
    }
}

impl Bench {
    /// Whether this person may sit here.
    fn question(
        &mut self,
        parties: &Parties<'_>,
        person: &PrincipalId,
    ) -> Result<Question<'_>, Refusal> {
        let candidate = parties.candidate(person);
        let who = names::of(&candidate);
        if !self.known.holds(&candidate) {
            self.known = std::mem::take(&mut self.known).with([candidate])?;
        }
        Ok(Question {
            principal: who,
            action: Action::Approve,
            resource: names::this_request(),
            context: self.context.clone(),
            known: &self.known,
        })
    }
}

fn bench(parties: &Parties<'_>, seat: Seat<'_>) -> Result<Bench, Refusal> {
    let application = seat.application.map(|it| names::application(&it.id));
    let context = Attributes::default()
        .entity("authority", names::authority(seat.authority))
        .maybe_entity("application", application)
        .text("rule", seat.rule)
        .entities("named", seat.named.iter().map(names::person))
        .truth("owner_stands_in", seat.owner_stands_in)
        .circumstances(seat.circumstances)
        .context();
    let around = match seat.application {
        Some(application) => parties.catalog.around(application)?,
        None => Known::default(),
    };
    let known = around.with([parties.entity()])?;
    Ok(Bench { context, known })
}

/// Every person who stands in a question about this seat, and everybody entered again as one of the parties: so few that
/// a list is searched soonest. What a request, an application or the question's context comes to name belongs here too.
fn named<'a>(parties: &Parties<'a>, seat: Seat<'a>) -> Vec<&'a PrincipalId> {
    let owners = seat.application.into_iter().flat_map(entities::owners);
    let delegates = seat.application.into_iter().flat_map(|it| &it.delegates);
    let delegates = delegates.flat_map(|it| [&it.person, &it.by]);
    let parties_too = parties.everybody().iter().copied();
    parties_too
        .chain(parties.again())
        .chain(parties.manager())
        .chain(owners)
        .chain(delegates)
        .chain(seat.named)
        .collect()
}
