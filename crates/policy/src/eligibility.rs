//! Which operations somebody may ask for. An index finds the eligibilities that could apply; Cedar judges
//! each of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::catalog::{Application, Effect, Eligibility, Holder, Operation, Principal};
use locum_domain::{ApplicationId, Catalog, Minutes, OperationId, PrincipalId, Refusal};

use crate::entities;
use crate::filing::Filing;
use crate::limits::Limits;
use crate::names;
use crate::policies::Policies;
use crate::question::{Action, No, Question};
use crate::value::Attributes;

/// What of a filing the eligibilities of one asker cover.
#[derive(Debug, Default)]
pub(crate) struct Coverage<'a> {
    pub(crate) eligible: BTreeMap<&'a ApplicationId, BTreeSet<&'a OperationId>>,
    /// The shortest of the eligibilities that cover something: of several the strictest decides.
    pub(crate) longest: Option<u32>,
    /// The `@id`s of the policies that judged so.
    pub(crate) rules: BTreeSet<String>,
    /// Eligibilities that would cover something, had somebody certified them.
    pub(crate) uncertified: BTreeSet<&'a str>,
}

/// One asker, and the agent they ask for as its sponsor.
#[derive(Clone, Copy)]
struct Asker<'a> {
    catalog: &'a Catalog,
    id: &'a PrincipalId,
    on_behalf_of: Option<&'a PrincipalId>,
    today: Date,
}

impl Policies {
    /// What the eligibilities of `asker` cover of this filing.
    pub(crate) fn coverage<'a>(
        &self,
        filing: &Filing<'a>,
        asker: &'a PrincipalId,
    ) -> Result<Coverage<'a>, Refusal> {
        let catalog = filing.catalog;
        let is_for_agent = asker != filing.actor && catalog.agents.contains_key(filing.actor);
        let asker = Asker {
            catalog,
            id: asker,
            on_behalf_of: is_for_agent.then_some(filing.actor),
            today: filing.circumstances.today,
        };
        let mut coverage = Coverage::default();
        for (application, operations) in filing.asked() {
            self.cover(asker, application, operations, &mut coverage)?;
        }
        Ok(coverage)
    }

    /// The operations of one application that this principal may ask for today: the inventory's "could".
    /// Closed operations are never among them.
    ///
    /// # Errors
    /// `policy-error` when a policy cannot be evaluated.
    pub fn eligible_operations(
        &self,
        catalog: &Catalog,
        principal: &PrincipalId,
        application: &Application,
        today: Date,
    ) -> Result<BTreeSet<OperationId>, Refusal> {
        let asker = Asker {
            catalog,
            id: principal,
            on_behalf_of: None,
            today,
        };
        let is_active = catalog
            .principal(principal)
            .is_some_and(|it| it.is_active());
        let open = application
            .operations
            .values()
            .filter(|it| is_active && it.closed.is_none());
        let mut coverage = Coverage::default();
        self.cover(asker, application, open.collect(), &mut coverage)?;
        let eligible = coverage.eligible.into_values().flatten();
        Ok(eligible.cloned().collect())
    }

    /// The longest session that eligibilities and tiers allow for this filing.
    pub(crate) fn longest(&self, filing: &Filing<'_>) -> Result<Minutes, Refusal> {
        let mut shortest: Option<u32> = None;
        for asker in filing.askers() {
            let longest = self.coverage(filing, asker)?.longest;
            shortest = shortest.into_iter().chain(longest).min();
        }
        let limits = Limits::strictest(filing.asked().into_iter().map(|(it, _)| it));
        Ok(limits.longest(shortest, filing.break_glass))
    }

    fn cover<'a>(
        &self,
        asker: Asker<'a>,
        application: &'a Application,
        operations: Vec<&'a Operation>,
        coverage: &mut Coverage<'a>,
    ) -> Result<(), Refusal> {
        let catalog = asker.catalog;
        let mut cast = vec![
            entities::principal(catalog, asker.id, &BTreeSet::new())?,
            entities::application(catalog, application)?,
        ];
        if let Some(agent) = asker.on_behalf_of {
            cast.push(entities::principal(catalog, agent, &BTreeSet::new())?);
        }
        let eligible = coverage.eligible.entry(&application.id).or_default();
        for candidate in candidates(asker, &application.id) {
            let mut cast = cast.clone();
            cast.push(entities::eligibility(candidate)?);
            let known = self.entities(cast)?;
            for operation in &operations {
                if !concerns(candidate, operation) {
                    continue;
                }
                let context = Attributes::default()
                    .entity("application", names::application(&application.id))
                    .text("operation", operation.id.as_str())
                    .text("effect", operation.effect.as_str())
                    .date("today", asker.today)
                    .maybe_entity("agent", asker.on_behalf_of.map(names::agent));
                let answer = self.ask(Question {
                    principal: names::principal(catalog, asker.id),
                    action: Action::Ask,
                    resource: names::eligibility(&candidate.id),
                    context,
                    entities: &known,
                });
                match answer {
                    Ok(rules) => {
                        eligible.insert(&operation.id);
                        coverage.rules.extend(rules);
                        if operation.effect != Effect::Asset {
                            let longest = coverage.longest.into_iter();
                            coverage.longest = longest.chain([candidate.longest.0]).min();
                        }
                    }
                    Err(No::Objections(objections)) => {
                        let certified = |rule: &str| rule == "guard-eligibility-certified";
                        if objections.iter().all(|it| certified(&it.rule)) {
                            coverage.uncertified.insert(&candidate.id);
                        }
                    }
                    Err(No::Unanswered(refusal)) => return Err(refusal),
                }
            }
        }
        Ok(())
    }
}

/// The index: eligibilities for this application whose holder the asker could be.
fn candidates<'a>(
    asker: Asker<'a>,
    application: &'a ApplicationId,
) -> impl Iterator<Item = &'a Eligibility> {
    let found = asker.catalog.principal(asker.id);
    asker.catalog.eligibilities.iter().filter(move |it| {
        it.applications.contains(application)
            && match (&it.holder, found) {
                (Holder::Role(role), Some(Principal::Person(person))) => {
                    person.roles.contains(role)
                }
                (Holder::Vendor(vendor), Some(Principal::Person(person))) => {
                    person.employer.as_ref() == Some(vendor)
                }
                (Holder::Person(id), _) => id == asker.id,
                (Holder::Agent(id), _) => id == asker.id || asker.on_behalf_of == Some(id),
                _ => false,
            }
    })
}

fn concerns(eligibility: &Eligibility, operation: &Operation) -> bool {
    operation.effect == Effect::Asset || eligibility.operations.contains(&operation.id)
}
