//! What was asked while somebody explains: every question that went through the funnel, with its answer.
//!
//! Nothing is traced unless a view for it was made, and a view belongs to whoever made it.

use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{AuthorizationError, Decision, Entities, EntityUid, Request, Response};

use crate::policies::Policies;

/// Where the questions of one view go.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<Asked>>>);

impl Trace {
    pub(crate) fn note(&self, request: &Request, entities: &Entities, answer: &Response) {
        let mut rules: Vec<String> = answer
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect();
        rules.sort();
        let errors = answer.diagnostics().errors().map(|error| match error {
            AuthorizationError::PolicyEvaluationError(error) => {
                (error.policy_id().to_string(), error.inner().to_string())
            }
        });
        let asked = Asked {
            request: request.clone(),
            entities: entities.clone(),
            is_allowed: answer.decision() == Decision::Allow,
            rules,
            errors: errors.collect(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
    }
}

/// One question as it was put, and what Cedar answered.
#[derive(Debug, Clone)]
pub struct Asked {
    pub(crate) request: Request,
    pub(crate) entities: Entities,
    is_allowed: bool,
    rules: Vec<String>,
    errors: Vec<(String, String)>,
}

impl Asked {
    /// Whether it was allowed: never when a policy could not be evaluated.
    pub fn is_allowed(&self) -> bool {
        self.is_allowed && self.errors.is_empty()
    }

    /// The `@id`s of the policies that decided, in alphabetical order.
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// The policies that could not be evaluated, each with Cedar's words.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }

    /// The schema's name of what was to be done, such as `approve`.
    pub fn action(&self) -> &str {
        self.request.action().map_or("", id)
    }

    /// Who would do it, by their id in the catalog.
    pub fn principal(&self) -> &str {
        self.request.principal().map_or("", id)
    }

    /// What it would be done to, by its id.
    pub fn resource(&self) -> &str {
        self.request.resource().map_or("", id)
    }

    /// The id of an entity, or a text, that stands in the question's context.
    pub fn in_context(&self, name: &str) -> Option<String> {
        match self.request.context()?.get(name)? {
            cedar_policy::EvalResult::EntityUid(uid) => Some(id(&uid).to_owned()),
            cedar_policy::EvalResult::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this policy decided, or could not be evaluated.
    pub fn turned_on(&self, rule: &str) -> bool {
        self.rules.iter().any(|it| it == rule) || self.errors.iter().any(|(it, _)| it == rule)
    }
}

fn id(uid: &EntityUid) -> &str {
    uid.id().unescaped()
}

/// The same policies, whose questions are kept.
pub struct Traced {
    policies: Policies,
    trace: Trace,
}

impl Policies {
    /// A view whose questions are kept, for whoever explains.
    pub fn tracing(&self) -> Traced {
        let trace = Trace::default();
        let mut policies = self.clone();
        policies.trace = Some(trace.clone());
        Traced { policies, trace }
    }
}

impl Traced {
    /// The policies to put the questions to.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Every question so far, in the order in which it was put.
    pub fn asked(&self) -> Vec<Asked> {
        let trace = self.trace.0.lock();
        trace.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
