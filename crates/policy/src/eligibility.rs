//! Which operations somebody may ask for. An index finds the eligibilities that could apply; Cedar judges
//! each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy_core::ast::Entity;
use jiff::civil::Date;
use locum_domain::catalog::{Application, Effect, Eligibility, Operation};
use locum_domain::{ApplicationId, OperationId, PrincipalId, Refusal};

use crate::filing::Filing;
use crate::index::Indexed;
use crate::known::Known;
use crate::names::{self, Uid};
use crate::policies::Policies;
use crate::question::{Action, No, Question};
use crate::value::Attributes;

/// What of a filing the eligibilities of one asker cover.
#[derive(Debug, Default)]
pub(crate) struct Coverage<'a> {
    pub(crate) eligible: BTreeMap<&'a ApplicationId, BTreeSet<&'a OperationId>>,
    /// The shortest of the eligibilities that cover something: of several the strictest decides.
    pub(crate) longest: Option<u32>,
    /// For each operation covered, the shortest of the eligibilities that cover it.
    pub(crate) shortest: BTreeMap<(&'a ApplicationId, &'a OperationId), u32>,
    /// The `@id`s of the policies that judged so.
    pub(crate) rules: BTreeSet<String>,
    /// Eligibilities that would cover something, had somebody certified them.
    pub(crate) uncertified: BTreeSet<&'a str>,
}

/// One asker, and the agent they ask for as its sponsor.
#[derive(Clone, Copy)]
struct Asker<'a> {
    catalog: &'a Indexed,
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
        catalog: &Indexed,
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

    fn cover<'a>(
        &self,
        asker: Asker<'a>,
        application: &'a Application,
        operations: Vec<&'a Operation>,
        coverage: &mut Coverage<'a>,
    ) -> Result<(), Refusal> {
        let catalog = asker.catalog;
        let found = catalog.eligibilities_of(&application.id, asker.id, asker.on_behalf_of);
        let found = found.map(|(it, entity)| {
            let uid = names::of(&entity);
            (it, entity, uid)
        });
        let found: Vec<(&Eligibility, Arc<Entity>, Uid)> = found.collect();
        let principal = catalog.principal_alone(asker.id);
        let who = names::of(&principal);
        let agent = asker.on_behalf_of.map(|id| catalog.principal_alone(id));
        let cast = [principal].into_iter().chain(agent);
        let cast = cast.chain([catalog.application_alone(application)]);
        let known = Known::of(cast.chain(found.iter().map(|(_, entity, _)| Arc::clone(entity))))?;
        coverage.eligible.entry(&application.id).or_default();
        for operation in operations {
            let context = Attributes::default()
                .entity("application", names::application(&application.id))
                .text("operation", operation.id.as_str())
                .text("effect", operation.effect.as_str())
                .date("today", asker.today)
                .maybe_entity("agent", asker.on_behalf_of.map(names::agent))
                .context();
            for (candidate, _, uid) in found.iter().filter(|it| concerns(it.0, operation)) {
                let answer = self.ask(Question {
                    principal: Arc::clone(&who),
                    action: Action::Ask,
                    resource: Arc::clone(uid),
                    context: context.clone(),
                    known: &known,
                });
                coverage.note(application, operation, candidate, answer)?;
            }
        }
        Ok(())
    }
}

impl<'a> Coverage<'a> {
    /// What Cedar answered about one eligibility and one operation.
    fn note(
        &mut self,
        application: &'a Application,
        operation: &'a Operation,
        candidate: &'a Eligibility,
        answer: Result<Vec<String>, No>,
    ) -> Result<(), Refusal> {
        match answer {
            Ok(rules) => {
                let eligible = self.eligible.entry(&application.id).or_default();
                eligible.insert(&operation.id);
                let key = (&application.id, &operation.id);
                let shortest = self.shortest.entry(key).or_insert(u32::MAX);
                *shortest = candidate.longest.0.min(*shortest);
                self.rules.extend(rules);
                if operation.effect != Effect::Asset {
                    let longest = self.longest.into_iter();
                    self.longest = longest.chain([candidate.longest.0]).min();
                }
                Ok(())
            }
            Err(No::Objections(objections)) => {
                let certified = |rule: &str| rule == "guard-eligibility-certified";
                if objections.iter().all(|it| certified(&it.rule)) {
                    self.uncertified.insert(&candidate.id);
                }
                Ok(())
            }
            Err(No::Unanswered(refusal)) => Err(refusal),
        }
    }
}

fn concerns(eligibility: &Eligibility, operation: &Operation) -> bool {
    operation.effect == Effect::Asset || eligibility.operations.contains(&operation.id)
}
