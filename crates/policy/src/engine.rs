//! Cedar's evaluator, put to work rule by rule.
//!
//! Cedar's authorizer writes every policy's condition out anew for each question and gathers what it could go on with if
//! something were unknown, which takes as long as evaluating. Here a condition is written out once, when a set is sorted,
//! and nothing is ever unknown. What an answer follows from is the authorizer's: a `forbid` that is true denies, else a
//! `permit` that is true allows, and what errors is not true. Every build that tests puts every question to the
//! authorizer too (see [`crate::agreement`]).

use std::sync::Arc;

use cedar_policy::{ActionConstraint, Effect, Policy, PrincipalConstraint, ResourceConstraint};
use cedar_policy_core::ast::{self, Expr, Literal, Request, SlotEnv, ValueKind};
use cedar_policy_core::evaluator::{EvaluationError, Evaluator};
use cedar_policy_core::extensions::Extensions;

use crate::known::Known;
use crate::names;
use crate::needs::Need;
use crate::question::{Action, Objection};

/// A policy as it is evaluated.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its `@id`.
    pub(crate) id: String,
    policy: ast::Policy,
    condition: Expr,
    /// What it is false without.
    need: Option<Need>,
    /// What it objects where it is true; nothing where it is a `permit`.
    objection: Option<Arc<Objection>>,
}

impl Rule {
    pub(crate) fn of(policy: &Policy, action: Action) -> Self {
        let is_anything = policy.principal_constraint() == PrincipalConstraint::Any
            && policy.action_constraint() == ActionConstraint::Any
            && policy.resource_constraint() == ResourceConstraint::Any;
        let policy_itself: &ast::Policy = policy.as_ref();
        let conditions = || policy_itself.non_scope_constraints().cloned();
        let is_forbid = policy.effect() == Effect::Forbid;
        Self {
            id: policy.id().to_string(),
            condition: match is_anything {
                true => conditions().unwrap_or_else(|| Expr::val(true)),
                false => policy_itself.condition(),
            },
            need: Need::of(&policy.to_json().unwrap_or_default()),
            policy: policy_itself.clone(),
            objection: is_forbid.then(|| Arc::new(Objection::of(policy, action))),
        }
    }

    fn is_true(
        &self,
        evaluator: &Evaluator<'_>,
        slots: &SlotEnv,
    ) -> Result<bool, Box<EvaluationError>> {
        match evaluator.interpret(&self.condition, slots)?.value_kind() {
            ValueKind::Lit(Literal::Bool(truth)) => Ok(*truth),
            // No condition that was validated: Cedar says what it is instead.
            _ => Ok(evaluator.evaluate(&self.policy)?),
        }
    }
}

/// What the rules made of a question.
#[derive(Debug, Default)]
pub(crate) struct Answer<'r> {
    permits: Vec<&'r Rule>,
    forbids: Vec<&'r Rule>,
    /// Those that could not be evaluated, each with Cedar's words.
    pub(crate) errors: Vec<(&'r Rule, Box<EvaluationError>)>,
}

impl<'r> Answer<'r> {
    pub(crate) fn of(rules: &'r [Arc<Rule>], request: Request, known: &Known) -> Self {
        let context = request.context().cloned();
        let resource = request.resource().uid().and_then(|uid| known.get(uid));
        let is_person = request.principal().get_type().is_some_and(names::is_person);
        let could_be_true = |rule: &&Arc<Rule>| match (&rule.need, &context) {
            (Some(Need::Somebody { .. }), _) if !is_person => true,
            (Some(need), Some(context)) => need.is_met(context, resource),
            _ => true,
        };
        let extensions = Extensions::all_available();
        let evaluator = Evaluator::new(request, known.entities(), extensions);
        let slots = SlotEnv::new();
        let mut answer = Self::default();
        for rule in rules.iter().filter(could_be_true) {
            match rule.is_true(&evaluator, &slots) {
                Ok(false) => {}
                Ok(true) if rule.objection.is_some() => answer.forbids.push(rule),
                Ok(true) => answer.permits.push(rule),
                Err(error) => answer.errors.push((rule, error)),
            }
        }
        answer
    }

    /// Whether some `forbid` stands against it.
    pub(crate) fn is_forbidden(&self) -> bool {
        !self.forbids.is_empty()
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.forbids.is_empty() && !self.permits.is_empty()
    }

    /// The `@id`s of the policies that it follows from, in alphabetical order.
    pub(crate) fn rules(&self) -> Vec<String> {
        let rules = match self.forbids.is_empty() {
            true => &self.permits,
            false => &self.forbids,
        };
        let mut rules: Vec<String> = rules.iter().map(|it| it.id.clone()).collect();
        rules.sort();
        rules
    }

    /// What stands against it, the strictest first.
    pub(crate) fn objections(&self) -> Vec<Arc<Objection>> {
        let objections = self.forbids.iter().filter_map(|it| it.objection.clone());
        let mut objections: Vec<Arc<Objection>> = objections.collect();
        objections.sort();
        objections
    }
}
