//! Which policies a question can turn on, sorted out once when a set is compiled.
//!
//! Cedar evaluates every policy of a set for every question. A policy whose scope names another action, another kind
//! of principal or another authority is false before anything of it is read that could fail; so is one whose first
//! condition wants another authority. Leaving those out changes neither an answer nor its evidence.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cedar_policy::{
    ActionConstraint, EntityTypeName, Policy, PolicySet, PrincipalConstraint, ResourceConstraint,
};
use cedar_policy_core::ast::{Context, EntityUID, Literal, ValueKind};
use locum_domain::Authority;
use serde_json::Value;

use crate::engine::Rule;
use crate::identity;
use crate::names;
use crate::needs;
use crate::question::Action;

/// What of a question its policies are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct About {
    action: Action,
    is_agent: bool,
    /// The authority that is asked about, or on which somebody would decide.
    authority: Option<Authority>,
}

/// The policies for one kind of question.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Whether some policy tells one person from another who is like them in everything but who they are.
    pub(crate) tells_people_apart: bool,
}

/// Every kind of question with its policies.
#[derive(Debug)]
pub(crate) struct Relevant {
    whole: PolicySet,
    sorted: OnceLock<BTreeMap<About, Sorted>>,
}

impl Relevant {
    /// Of a compiled set, sorted out when something is first asked.
    pub(crate) fn of(set: PolicySet) -> Self {
        Self {
            whole: set,
            sorted: OnceLock::new(),
        }
    }

    /// The same, so that nobody who asks waits for the sorting.
    pub(crate) fn sorted(self) -> Self {
        self.sorted.get_or_init(|| sort(&self.whole));
        self
    }

    /// The set that was compiled.
    pub(crate) fn whole(&self) -> &PolicySet {
        &self.whole
    }

    /// The policies that this question can turn on.
    pub(crate) fn to(
        &self,
        principal: &EntityUID,
        action: Action,
        resource: &EntityUID,
        context: &Context,
    ) -> Option<&Sorted> {
        let authority = match action {
            Action::GoWithout => names::known_authority(resource.eid().as_ref()),
            Action::Approve => authority_in(context),
            _ => None,
        };
        self.about(About {
            action,
            is_agent: names::is_agent(principal),
            authority,
        })
    }

    /// The policies for people who would decide on this authority.
    pub(crate) fn to_approve_as(&self, authority: Authority) -> Option<&Sorted> {
        self.about(About {
            action: Action::Approve,
            is_agent: false,
            authority: Some(authority),
        })
    }

    fn about(&self, about: About) -> Option<&Sorted> {
        self.sorted.get_or_init(|| sort(&self.whole)).get(&about)
    }
}

fn sort(whole: &PolicySet) -> BTreeMap<About, Sorted> {
    let mut sorted: BTreeMap<About, Sorted> = BTreeMap::new();
    sorted.extend(every_question().map(|it| (it, Sorted::default())));
    for policy in whole.policies() {
        let json = policy.to_json().unwrap_or_default();
        let tells_people_apart = identity::is_read(&json);
        let mut bare: BTreeMap<Action, Arc<Rule>> = BTreeMap::new();
        let concerned =
            |about: &About| fits_scope(policy, *about) && fits_first_condition(&json, *about);
        for (about, sorted) in sorted.iter_mut().filter(|(it, _)| concerned(it)) {
            let action = about.action;
            let rule = bare.entry(action).or_insert_with(|| {
                let policy = self::bare(policy, &json, action);
                Arc::new(Rule::of(&policy, action))
            });
            sorted.rules.push(Arc::clone(rule));
            sorted.tells_people_apart |= action == Action::Approve && tells_people_apart;
        }
    }
    sorted
}

/// The authority on which somebody would decide.
fn authority_in(context: &Context) -> Option<Authority> {
    let Context::Value(members) = context else {
        return None;
    };
    match members.get("authority")?.value_kind() {
        ValueKind::Lit(Literal::EntityUID(uid)) => names::known_authority(uid.eid().as_ref()),
        _ => None,
    }
}

/// The policy, given as Cedar's JSON too, without what its scope and its first condition ask and every question of this
/// kind answers with yes: Cedar would ask it again for each question. Its other conditions and its `@id` stay; what cannot
/// be taken apart stays whole.
fn bare(policy: &Policy, json: &Value, action: Action) -> Policy {
    let all = || serde_json::json!({ "op": "All" });
    let stripped = || {
        let mut json = json.clone();
        if let PrincipalConstraint::Is(_) = policy.principal_constraint() {
            *json.get_mut("principal")? = all();
        }
        *json.get_mut("action")? = all();
        if let (Action::GoWithout, ResourceConstraint::Eq(_)) =
            (action, policy.resource_constraint())
        {
            *json.get_mut("resource")? = all();
        }
        // It asks for this authority: another's is not among these policies.
        if action == Action::Approve
            && needs::first_condition(&json).is_some_and(needs::asks_authority_alone)
        {
            json.get_mut("conditions")?.as_array_mut()?.remove(0);
        }
        Policy::from_json(Some(policy.id().clone()), json).ok()
    };
    stripped().unwrap_or_else(|| policy.clone())
}

fn every_question() -> impl Iterator<Item = About> {
    Action::ALL.into_iter().flat_map(|action| {
        let authorities: Vec<Option<Authority>> = match action {
            Action::GoWithout | Action::Approve => names::AUTHORITIES.map(Some).into(),
            _ => vec![None],
        };
        authorities.into_iter().flat_map(move |authority| {
            [false, true].map(|is_agent| About {
                action,
                is_agent,
                authority,
            })
        })
    })
}

fn fits_scope(policy: &Policy, about: About) -> bool {
    let kind = names::kind(about.is_agent);
    let is_of = |other: &EntityTypeName| other == kind;
    let principal = match policy.principal_constraint() {
        PrincipalConstraint::Any | PrincipalConstraint::In(_) => true,
        PrincipalConstraint::Eq(uid) => is_of(uid.type_name()),
        PrincipalConstraint::Is(other) | PrincipalConstraint::IsIn(other, _) => is_of(&other),
    };
    let asked = names::action(about.action.as_str());
    // No action of the schema is in a group.
    let action = match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(actions) => actions.contains(&asked),
        ActionConstraint::Eq(action) => action == asked,
    };
    let resource = match (about.action, about.authority, policy.resource_constraint()) {
        (Action::GoWithout, Some(authority), ResourceConstraint::Eq(uid)) => {
            uid == names::authority(authority)
        }
        _ => true,
    };
    principal && action && resource
}

/// Whether the condition that is read first leaves a chance with this authority.
fn fits_first_condition(policy: &Value, about: About) -> bool {
    let (Action::Approve, Some(authority)) = (about.action, about.authority) else {
        return true;
    };
    needs::first_condition(policy)
        .and_then(needs::authorities_of)
        .is_none_or(|wanted| wanted.contains(authority.as_str()))
}
