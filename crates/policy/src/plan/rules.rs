//! Every rule added, changed or removed, by its `@id`.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{
    ActionConstraint, Effect, Policy, PolicyId, PrincipalConstraint, ResourceConstraint,
};
use serde::{Deserialize, Serialize};

use super::reading::is_about;
use super::verdict::Verdict;
use crate::policies::Policies;

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleChanged {
    Added,
    Changed,
    Removed,
}

impl RuleChanged {
    /// What became of it, in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleChanged::Added => "added",
            RuleChanged::Changed => "changed",
            RuleChanged::Removed => "removed",
        }
    }
}

/// One rule that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// Its `@id`.
    pub id: String,
    pub change: RuleChanged,
    /// Whether it is a permit; otherwise it is a forbid.
    pub permits: bool,
    /// Where it stands, or stood.
    pub file: String,
    pub line: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub verdict: Verdict,
    /// Why the verdict is what it is.
    pub because: String,
}

impl RuleChange {
    /// The change in a sentence.
    pub fn says(&self) -> String {
        let kind = if self.permits { "permit" } else { "forbid" };
        let (change, id, because) = (self.change.as_str(), &self.id, &self.because);
        format!("the {kind} `{id}` is {change}: {because}")
    }
}

pub(crate) fn compare(before: &Policies, after: &Policies) -> Vec<RuleChange> {
    let ids = |policies: &Policies| -> BTreeSet<PolicyId> {
        policies
            .set()
            .policies()
            .map(|it| it.id().clone())
            .collect()
    };
    let mut changes = Vec::new();
    for id in ids(before).union(&ids(after)) {
        let one = (before.set().policy(id), after.set().policy(id));
        changes.extend(changed(one, (before, after)));
    }
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    changes
}

fn changed(
    rule: (Option<&Policy>, Option<&Policy>),
    of: (&Policies, &Policies),
) -> Option<RuleChange> {
    let (change, policy, policies, (verdict, because)) = match rule {
        (None, Some(new)) => (RuleChanged::Added, new, of.1, added(new, of.1)),
        (Some(old), None) => (RuleChanged::Removed, old, of.0, removed(old, of.0)),
        (Some(old), Some(new)) if text(old) != text(new) => {
            (RuleChanged::Changed, new, of.1, rewritten(old, new, of.1))
        }
        _ => return None,
    };
    let told = policies.rule(policy.id().as_ref());
    let (file, line) = told.map_or_else(Default::default, |it| (it.file, it.line));
    Some(RuleChange {
        id: policy.id().to_string(),
        change,
        permits: policy.effect() == Effect::Permit,
        file,
        line,
        before: rule.0.map(text),
        after: rule.1.map(text),
        verdict,
        because: because.to_owned(),
    })
}

fn added(policy: &Policy, policies: &Policies) -> (Verdict, &'static str) {
    match policy.effect() {
        Effect::Forbid => (
            Verdict::Tightens,
            "a forbid only ever takes away, or demands more",
        ),
        Effect::Permit if is_idle(policy, policies) => (Verdict::Neutral, IDLE),
        Effect::Permit => (Verdict::Loosens, "a permit may let something through"),
    }
}

fn removed(policy: &Policy, policies: &Policies) -> (Verdict, &'static str) {
    match policy.effect() {
        Effect::Forbid => (
            Verdict::Loosens,
            "what it kept from anybody is no longer kept from them",
        ),
        Effect::Permit if is_idle(policy, policies) => (Verdict::Neutral, IDLE),
        Effect::Permit => (
            Verdict::Tightens,
            "a permit that is gone lets nothing through",
        ),
    }
}

const IDLE: &str = "Locum itself permits what no forbid stops: this permit changes nothing";

fn rewritten(old: &Policy, new: &Policy, after: &Policies) -> (Verdict, &'static str) {
    if decides(old) == decides(new) {
        return (
            Verdict::Neutral,
            "only its words changed: it decides the same",
        );
    }
    let are_idle = is_idle(old, after) && is_idle(new, after);
    if old.effect() == Effect::Permit && new.effect() == Effect::Permit && are_idle {
        return (Verdict::Neutral, IDLE);
    }
    (
        Verdict::Loosens,
        "what it decides changed, and nothing shows that it stops at least what it stopped",
    )
}

/// What decides: everything but the words around it. The code of a refusal and a sentence decide nothing.
fn decides(policy: &Policy) -> Option<serde_json::Value> {
    let mut decides = policy.to_json().ok()?;
    decides.as_object_mut()?.remove("annotations");
    Some(decides)
}

/// Whether Locum's own policies permit, on no condition, everything that this one could permit.
fn is_idle(policy: &Policy, policies: &Policies) -> bool {
    const ACTIONS: [&str; 9] = [
        "ask",
        "file",
        "cite",
        "trust-origin",
        "act-as",
        "go-without",
        "approve",
        "activate",
        "review",
    ];
    policy.effect() == Effect::Permit
        && ACTIONS
            .iter()
            .filter(|it| is_about(policy, it))
            .all(|action| {
                let own = policies.set().policies();
                let mut own = own.filter(|it| AsRef::<str>::as_ref(it.id()).starts_with("locum-"));
                own.any(|it| is_unconditional(it) && is_about(it, action))
            })
}

fn is_unconditional(policy: &Policy) -> bool {
    policy.effect() == Effect::Permit
        && !policy.has_non_scope_constraint()
        && policy.principal_constraint() == PrincipalConstraint::Any
        && policy.resource_constraint() == ResourceConstraint::Any
        && !matches!(policy.action_constraint(), ActionConstraint::Any)
}

/// The rules of the operator about any of these actions, by their `@id`.
pub(crate) fn about(policies: &Policies, actions: &[&str]) -> BTreeMap<String, String> {
    let concerned = |it: &&Policy| actions.iter().any(|action| is_about(it, action));
    let found = policies.set().policies().filter(concerned);
    found.map(|it| (it.id().to_string(), text(it))).collect()
}

fn text(policy: &Policy) -> String {
    policy.to_cedar().unwrap_or_else(|| policy.to_string())
}
