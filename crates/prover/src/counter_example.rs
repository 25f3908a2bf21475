//! A request that breaks a promise, put to Cedar's authorizer again, and told in words.

use cedar_policy::{Authorizer, Decision, EntityUid, Policy, PolicyId, PolicySet};
use cedar_policy_symcc::Env;
use locum_policy::{Fact, Names, Thing, facts, noun, told_as_json, verb};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::report::is_locums;
use crate::vacuity::quoted;

/// One possible request, as the solver found it. Its names are the solver's.
#[derive(Debug, Clone, Serialize)]
pub struct CounterExample {
    /// Who does what on what.
    pub sentence: String,
    pub principal: Thing,
    pub action: String,
    pub resource: Thing,
    pub context: Map<String, Value>,
    /// What the promise and the operator's rules looked at.
    pub facts: Vec<Fact>,
    /// The rules that allow it, operators' first.
    pub allowed_by: Vec<String>,
    /// Everybody and everything in it but the actions, in Cedar's own JSON.
    pub entities: Value,
}

impl CounterExample {
    /// The request the solver found; none when Cedar itself does not allow it, or the promise does not speak of it.
    pub(crate) fn of(
        set: &PolicySet,
        all_but_promised: &PolicySet,
        promise: &Policy,
        found: &Env,
    ) -> Option<Self> {
        let cedar = Authorizer::new();
        let allowed = cedar.is_authorized(&found.request, set, &found.entities);
        let promised = cedar.is_authorized(&found.request, all_but_promised, &found.entities);
        if allowed.decision() != Decision::Allow || promised.decision() != Decision::Deny {
            return None;
        }
        let mut by: Vec<String> = allowed
            .diagnostics()
            .reason()
            .map(PolicyId::to_string)
            .collect();
        by.sort_by_key(|id| (is_locums(id), id.clone()));
        let operators: Vec<Policy> = by
            .iter()
            .filter(|id| !is_locums(id))
            .filter_map(|id| set.policy(&PolicyId::new(id)).cloned())
            .collect();
        let mut example = Self::told(promise, &operators, found);
        example.allowed_by = by;
        Some(example)
    }

    /// A request that `after` permits and `before` did not, and the rules that forbade it before; none when Cedar
    /// itself decides otherwise, or a rule fails on it now, for Locum refuses then.
    pub(crate) fn between(
        before: &PolicySet,
        after: &PolicySet,
        found: &Env,
    ) -> Option<(Self, Vec<String>)> {
        let cedar = Authorizer::new();
        let now = cedar.is_authorized(&found.request, after, &found.entities);
        let then = cedar.is_authorized(&found.request, before, &found.entities);
        let is_failing = now.diagnostics().errors().next().is_some();
        if now.decision() != Decision::Allow || then.decision() != Decision::Deny || is_failing {
            return None;
        }
        let sorted = |response: &cedar_policy::Response| {
            let ids = response.diagnostics().reason().map(PolicyId::to_string);
            let mut ids: Vec<String> = ids.collect();
            ids.sort_by_key(|id| (is_locums(id), id.clone()));
            ids
        };
        let (by, forbade) = (sorted(&now), sorted(&then));
        let of = |set: &PolicySet, ids: &[String]| -> Vec<Policy> {
            let ids = ids.iter();
            ids.filter_map(|id| set.policy(&PolicyId::new(id)).cloned())
                .collect()
        };
        let mut looked_at = of(after, &by);
        looked_at.extend(of(before, &forbade));
        let (first, others) = looked_at.split_first()?;
        let mut example = Self::told(first, others, found);
        example.allowed_by = by;
        Some((example, forbade))
    }

    /// What lets it through, in a sentence.
    pub(crate) fn because(&self) -> String {
        let verb = if self.allowed_by.len() == 1 {
            "permits"
        } else {
            "permit"
        };
        let by = quoted(&self.allowed_by);
        format!("{by} {verb} it, and no rule forbids it")
    }

    /// The request in words: what these rules look at, and nothing else.
    pub(crate) fn told(first: &Policy, others: &[Policy], found: &Env) -> Self {
        let request = &found.request;
        let action = request.action().map_or("", |it| it.id().unescaped());
        let name = |uid: Option<&EntityUid>| uid.map_or_else(String::new, introduced);
        let context = first_level(found);
        Self {
            sentence: format!(
                "{} {} {}",
                name(request.principal()),
                verb(action),
                name(request.resource())
            ),
            principal: Thing::of(request.principal()),
            action: action.to_owned(),
            resource: Thing::of(request.resource()),
            context,
            facts: facts(
                std::iter::once(first).chain(others),
                request,
                &found.entities,
                Names::Solver,
            ),
            allowed_by: Vec::new(),
            entities: entities(found),
        }
    }
}

/// All but the actions, which are the same in every request.
fn entities(found: &Env) -> Value {
    let all = found.entities.to_json_value().unwrap_or(Value::Null);
    let is_action = |it: &&Value| {
        it.pointer("/uid/type")
            .is_some_and(|it| it == "Locum::Action")
    };
    let all = all.as_array().into_iter().flatten();
    all.filter(|it| !is_action(it)).cloned().collect()
}

fn first_level(found: &Env) -> Map<String, Value> {
    let Some(context) = found.request.context() else {
        return Map::new();
    };
    let names = context.clone().into_iter().map(|(name, _)| name);
    names
        .filter_map(|name| Some((name.clone(), told_as_json(&context.get(&name)?))))
        .collect()
}

/// `a person`; what the schema counts up goes by its name. The solver's own names mean nothing.
fn introduced(uid: &EntityUid) -> String {
    let noun = noun(uid);
    match noun.as_str() {
        "authority" => format!("`{}`", uid.id().unescaped()),
        "agent" | "application" | "eligibility" => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}
