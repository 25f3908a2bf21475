//! Which policies a question can turn on, sorted out once when a set is compiled.
//!
//! Cedar evaluates every policy of a set for every question. A policy whose scope names another action, another kind
//! of principal or another authority is false before anything of it is read that could fail; so is one whose first
//! condition wants another authority. Leaving those out changes neither an answer nor its evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};
use cedar_policy_core::ast::{Context, Literal, ValueKind};
use locum_domain::Authority;
use serde_json::Value;

use crate::engine::Rule;
use crate::identity;
use crate::names;
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
#[derive(Debug)]
pub(crate) struct Sorted {
    pub(crate) rules: Vec<Rule>,
    /// Whether some policy tells one person from another who is like them in everything but who they are.
    pub(crate) tells_people_apart: bool,
}

/// Every kind of question with its policies, sorted out when first asked.
#[derive(Debug)]
pub(crate) struct Relevant {
    whole: PolicySet,
    sorted: BTreeMap<About, OnceLock<Sorted>>,
}

impl Relevant {
    /// Of a compiled set.
    pub(crate) fn of(set: PolicySet) -> Self {
        Self {
            whole: set,
            sorted: every_question().map(|it| (it, OnceLock::new())).collect(),
        }
    }

    /// The set that was compiled.
    pub(crate) fn whole(&self) -> &PolicySet {
        &self.whole
    }

    /// The policies that this question can turn on.
    pub(crate) fn to(
        &self,
        principal: &EntityUid,
        action: Action,
        resource: &EntityUid,
        context: &Context,
    ) -> Option<&Sorted> {
        let authority = match action {
            Action::GoWithout => names::known_authority(resource.id().unescaped()),
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
        let sorted = self.sorted.get(&about)?;
        Some(sorted.get_or_init(|| sort(&self.whole, about)))
    }
}

fn sort(whole: &PolicySet, about: About) -> Sorted {
    let json = |policy: &Policy| policy.to_json().unwrap_or_default();
    let concerned: Vec<&Policy> = whole
        .policies()
        .filter(|it| fits_scope(it, about) && fits_first_condition(it, about))
        .collect();
    let is_about_people = about.action == Action::Approve;
    Sorted {
        rules: concerned
            .iter()
            .map(|it| Rule::of(&bare(it, about), about.action))
            .collect(),
        tells_people_apart: is_about_people
            && concerned.iter().any(|it| identity::is_read(&json(it))),
    }
}

/// The authority on which somebody would decide.
fn authority_in(context: &Context) -> Option<Authority> {
    let Context::Value(members) = context else {
        return None;
    };
    match members.get("authority")?.value_kind() {
        ValueKind::Lit(Literal::EntityUID(uid)) => {
            names::known_authority(<_ as AsRef<str>>::as_ref(uid.eid()))
        }
        _ => None,
    }
}

/// The policy without what its scope asks and every question of this kind answers with yes: Cedar would ask it again for
/// each question. Its conditions and its `@id` stay; what cannot be taken apart stays whole.
fn bare(policy: &Policy, about: About) -> Policy {
    let all = || serde_json::json!({ "op": "All" });
    let stripped = || {
        let mut json = policy.to_json().ok()?;
        if let PrincipalConstraint::Is(_) = policy.principal_constraint() {
            *json.get_mut("principal")? = all();
        }
        *json.get_mut("action")? = all();
        if let (Action::GoWithout, ResourceConstraint::Eq(_)) =
            (about.action, policy.resource_constraint())
        {
            *json.get_mut("resource")? = all();
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
fn fits_first_condition(policy: &Policy, about: About) -> bool {
    let (Action::Approve, Some(authority)) = (about.action, about.authority) else {
        return true;
    };
    let json = policy.to_json().unwrap_or_default();
    let first = json
        .get("conditions")
        .and_then(|conditions| conditions.get(0));
    first
        .filter(|it| it.get("kind").is_some_and(|kind| kind == "when"))
        .and_then(|it| authorities_of(it.get("body")?))
        .is_none_or(|wanted| wanted.contains(authority.as_str()))
}

/// The authorities that an expression cannot be true without, where it says so before it reads anything else.
fn authorities_of(expression: &Value) -> Option<BTreeSet<&str>> {
    let sides = |operator: &str| {
        let both = expression.get(operator)?;
        Some((both.get("left")?, both.get("right")?))
    };
    if let Some((first, _)) = sides("&&") {
        return authorities_of(first);
    }
    if let Some((one, other)) = sides("||") {
        let mut either = authorities_of(one)?;
        either.extend(authorities_of(other)?);
        return Some(either);
    }
    let (attribute, value) = sides("==")?;
    let read = attribute.get(".")?;
    let is_authority =
        read.get("attr")? == "authority" && read.get("left")?.get("Var")? == "context";
    let named = value.get("Value")?.get("__entity")?.get("id")?.as_str()?;
    is_authority.then(|| BTreeSet::from([named]))
}
