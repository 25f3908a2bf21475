//! A question with its answer, told: who wanted what, which policies decided, on which facts.

use std::collections::BTreeSet;

use cedar_policy::{Effect, EntityUid, PolicyId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::change::{changes, concerns};
use super::fact::{Fact, Found, Names, facts, named, told_as_json};
use super::rule::Rule;
use crate::trace::{Asked, Traced};

/// Somebody or something in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thing {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
}

impl Thing {
    /// The entity of this uid; nothing where there is none.
    pub fn of(uid: Option<&EntityUid>) -> Self {
        Self {
            kind: uid.map_or_else(String::new, |it| it.type_name().basename().to_owned()),
            id: uid.map_or_else(String::new, |it| it.id().unescaped().to_owned()),
        }
    }
}

/// A question and why it was answered so.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Such as `person "ann" asks for access to application "billing"`.
    pub sentence: String,
    pub principal: Thing,
    pub action: String,
    pub resource: Thing,
    /// Everything that was put beside the question.
    pub context: Map<String, Value>,
    pub is_allowed: bool,
    /// The policies that decided; those that could not be evaluated, when there are any.
    pub rules: Vec<ExplainedRule>,
    /// The `forbid`s that could have objected and did not, in alphabetical order.
    pub silent: Vec<ExplainedRule>,
}

/// What one policy had to do with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRule {
    pub rule: Rule,
    /// What it read, with the values it found.
    pub facts: Vec<Fact>,
    /// What would have to be otherwise for it not to object, each enough by itself.
    pub changes: Vec<String>,
    /// Why it could not be evaluated.
    pub error: Option<String>,
}

impl Traced {
    /// The question with its policies, their facts and what would have to change.
    pub fn explain(&self, asked: &Asked) -> Explained {
        let found = &Found {
            request: &asked.request,
            entities: &asked.entities,
            names: Names::Catalog,
        };
        let errors = asked.errors().iter();
        let broken = errors.map(|(rule, error)| (rule.as_str(), Some(error.clone())));
        let decided = asked.rules().iter().map(|rule| (rule.as_str(), None));
        // An error denies by itself: what the other policies say does not count.
        let rules: Vec<(&str, Option<String>)> = match asked.errors().is_empty() {
            true => decided.collect(),
            false => broken.collect(),
        };
        let request = &asked.request;
        let name = |uid: Option<&EntityUid>| uid.map_or_else(String::new, |it| named(it, found));
        let rules = rules
            .into_iter()
            .filter_map(|(id, error)| self.explained_rule(id, error, found));
        let rules: Vec<ExplainedRule> = rules.collect();
        let spoke = |id: &str| asked.turned_on(id);
        let mut silent: Vec<ExplainedRule> = self
            .policies()
            .set()
            .policies()
            .filter(|policy| policy.effect() == Effect::Forbid && concerns(policy, found))
            .map(|policy| policy.id().to_string())
            .filter(|id| !spoke(id))
            .filter_map(|id| self.explained_rule(&id, None, found))
            .collect();
        silent.sort_by(|one, other| one.rule.id.cmp(&other.rule.id));
        for rule in &mut silent {
            rule.changes.clear();
        }
        Explained {
            sentence: format!(
                "{} {} {}",
                name(request.principal()),
                verb(asked.action()),
                name(request.resource())
            ),
            principal: Thing::of(request.principal()),
            action: asked.action().to_owned(),
            resource: Thing::of(request.resource()),
            context: context(found),
            is_allowed: asked.is_allowed(),
            rules,
            silent,
        }
    }

    fn explained_rule(
        &self,
        id: &str,
        error: Option<String>,
        found: &Found<'_>,
    ) -> Option<ExplainedRule> {
        let rule = self.policies().rule(id)?;
        let policy = self.policies().set().policy(&PolicyId::new(id))?;
        let read = facts(
            std::iter::once(policy),
            found.request,
            found.entities,
            found.names,
        );
        let changes = match (&error, rule.permits) {
            (None, false) => changes(policy, found),
            _ => Vec::new(),
        };
        // Where a set and one of its members are read, the same thing may be found twice.
        let facts: BTreeSet<Fact> = read.into_iter().collect();
        Some(ExplainedRule {
            rule,
            facts: facts.into_iter().collect(),
            changes,
            error,
        })
    }
}

fn context(found: &Found<'_>) -> Map<String, Value> {
    let Some(context) = found.request.context() else {
        return Map::new();
    };
    let names = context.clone().into_iter().map(|(name, _)| name);
    names
        .filter_map(|name| Some((name.clone(), told_as_json(&context.get(&name)?))))
        .collect()
}

/// What an action of the schema is called in a sentence.
pub fn verb(action: &str) -> &str {
    match action {
        "ask" => "is eligible through",
        "file" => "asks for access to",
        "cite" => "is justified by",
        "trust-origin" => "is vouched for in",
        "act-as" => "acts as",
        "go-without" => "goes without the approval of",
        "approve" => "approves",
        "activate" => "begins",
        "review" => "reviews",
        other => other,
    }
}
