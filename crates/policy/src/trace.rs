//! What was asked while somebody explains: every question that went through the funnel, with its answer.
//!
//! Nothing is traced unless a view for it was made, and a view belongs to whoever made it.

use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{Entities, EntityUid, Request};
use cedar_policy_core::ast;

use crate::engine::Answer;
use crate::known::Known;
use crate::policies::Policies;

/// Where the questions of one view go.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<Asked>>>);

impl Trace {
    pub(crate) fn note(&self, request: &ast::Request, known: &Known, answer: &Answer<'_>) {
        let errors = answer.errors.iter();
        let errors = errors.map(|(rule, error)| (rule.id.clone(), error.to_string()));
        let asked = Asked {
            request: Request::from(request.clone()),
            entities: Entities::from(known.entities().clone()),
            is_allowed: answer.is_allowed(),
            rules: answer.rules(),
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

/// One question, about the same entities, with one answer.
impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let context = |it: &Self| it.request.context().map(|it| it.to_json_value().ok());
        let put = |it: &Self| {
            let names = [
                it.request.principal(),
                it.request.action(),
                it.request.resource(),
            ];
            names.map(Option::<&EntityUid>::cloned)
        };
        put(self) == put(other)
            && context(self) == context(other)
            && self.entities == other.entities
            && (self.is_allowed, &self.rules, &self.errors)
                == (other.is_allowed, &other.rules, &other.errors)
    }
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
