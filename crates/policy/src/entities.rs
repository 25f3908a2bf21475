//! Catalog entries as Cedar entities. Only those that a question is about are ever built: policies may look
//! one step from the principal, the resource and the context, and the validator holds them to it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use cedar_policy::EntityUid;
use cedar_policy_core::ast::{Entity, EntityUID, PartialValue, Value};
use locum_domain::catalog::{
    Account, Agent, Application, Delegate, Eligibility, Holder, Person, Principal,
};
use locum_domain::{Catalog, PrincipalId};

use crate::index::Indexed;
use crate::names;
use crate::value::{self, Attributes};

pub(crate) fn entity(
    uid: EntityUid,
    attributes: Attributes,
    parents: impl IntoIterator<Item = EntityUid>,
) -> Arc<Entity> {
    tagged(uid, attributes, parents, [])
}

/// Its parents have none themselves: vendors and roles are in nothing.
pub(crate) fn tagged<'t>(
    uid: EntityUid,
    attributes: Attributes,
    parents: impl IntoIterator<Item = EntityUid>,
    tags: impl IntoIterator<Item = (&'t str, Value)>,
) -> Arc<Entity> {
    let tags = tags.into_iter();
    Arc::new(Entity::new_with_attr_partial_value(
        uid.into(),
        attributes.of_entity(),
        HashSet::new(),
        parents.into_iter().map(EntityUID::from).collect(),
        tags.map(|(name, value)| (name.into(), PartialValue::Value(value))),
    ))
}

/// The principal; `involved` are the people it might be the same human as.
pub(crate) fn principal<'c>(
    catalog: &'c Indexed,
    id: &'c PrincipalId,
    involved: &BTreeSet<&'c PrincipalId>,
) -> Arc<Entity> {
    let Some(found) = catalog.people.get(id).filter(|_| !involved.is_empty()) else {
        return catalog.principal_alone(id);
    };
    let again: Vec<&PrincipalId> = catalog.entered_again(id).collect();
    let is_account = |other: &PrincipalId| {
        let mut accounts = found.accounts.iter();
        accounts.any(|account| account.id == other.as_str())
    };
    let also: Vec<&PrincipalId> = involved
        .iter()
        .copied()
        .filter(|other| *other != id && (again.contains(other) || is_account(other)))
        .collect();
    if also.is_empty() {
        catalog.principal_alone(id)
    } else {
        person(catalog, found, &also)
    }
}

/// The principal, who is nobody else.
pub(crate) fn alone(catalog: &Indexed, id: &PrincipalId) -> Arc<Entity> {
    match catalog.principal(id) {
        Some(Principal::Person(found)) => person(catalog, found, &[]),
        Some(Principal::Agent(found)) => agent(catalog, found),
        None => stranger(id),
    }
}

fn person(catalog: &Indexed, person: &Person, also: &[&PrincipalId]) -> Arc<Entity> {
    let answers_alone = catalog.emergencies(&person.id).map(names::application);
    let attributes = Attributes::default()
        .text("id", person.id.as_str())
        .truth("active", person.is_active)
        .truth("named", true)
        .maybe_entity("employer", person.employer.as_ref().map(names::vendor))
        .with("accounts", accounts(&person.accounts))
        .entities("break_glass", answers_alone)
        .entities("also", also.iter().map(|other| names::person(other)));
    let employer = person.employer.as_ref().map(names::vendor);
    let parents = employer
        .into_iter()
        .chain(person.roles.iter().copied().map(names::role));
    entity(names::person(&person.id), attributes, parents)
}

/// Somebody in no catalog: nobody by name, and nothing follows from their id.
fn stranger(id: &PrincipalId) -> Arc<Entity> {
    let attributes = Attributes::default()
        .text("id", id.as_str())
        .truth("active", false)
        .truth("named", false)
        .with("accounts", accounts(&[]))
        .entities("break_glass", [])
        .entities("also", []);
    entity(names::person(id), attributes, [])
}

fn agent(catalog: &Catalog, agent: &Agent) -> Arc<Entity> {
    let sponsor = catalog.people.get(&agent.sponsor);
    let kind = match Principal::Agent(agent).profile() {
        "ai_agent" => "ai_agent",
        _ => "service",
    };
    let attributes = Attributes::default()
        .text("id", agent.id.as_str())
        .truth("active", agent.is_active)
        .text("kind", kind)
        .entity("sponsor", names::person(&agent.sponsor))
        .truth("sponsor_active", sponsor.is_some_and(|it| it.is_active))
        .with("accounts", accounts(&agent.accounts));
    let vendor = sponsor.and_then(|it| it.employer.as_ref());
    entity(
        names::agent(&agent.id),
        attributes,
        vendor.map(names::vendor),
    )
}

fn accounts(accounts: &[Account]) -> Value {
    let record = |account: &Account| {
        value::record([
            ("system", value::text(&account.system)),
            ("id", value::text(&account.id)),
        ])
    };
    value::records(accounts.iter().map(record))
}

/// The application with its delegations. One lent by somebody who is none of its owners is no delegation: authority
/// that was lent is never passed on, and ends with whoever lent it.
pub(crate) fn application(catalog: &Catalog, application: &Application) -> Arc<Entity> {
    let attributes = Attributes::default()
        .text("id", application.id.as_str())
        .text("tier", application.tier.as_str())
        .texts("data", application.data.iter().map(|class| class.as_str()))
        .truth("two_people", application.needs_two_people())
        .entity("owner", names::person(&application.owner))
        .maybe_entity(
            "product_owner",
            application.product_owner.as_ref().map(names::person),
        )
        .maybe_entity(
            "data_owner",
            application.data_owner.as_ref().map(names::person),
        );
    let owners = owners(application);
    let mut latest: BTreeMap<&PrincipalId, &Delegate> = BTreeMap::new();
    let works_here = |id: &PrincipalId| catalog.people.get(id).is_some_and(|it| it.is_active);
    for delegate in &application.delegates {
        if owners.contains(&&delegate.by) && works_here(&delegate.by) {
            let known = latest.entry(&delegate.person).or_insert(delegate);
            if known.until < delegate.until {
                *known = delegate;
            }
        }
    }
    let tags = latest.into_iter();
    tagged(
        names::application(&application.id),
        attributes,
        [],
        tags.map(|(person, delegate)| (person.as_str(), delegation(delegate))),
    )
}

fn delegation(delegate: &Delegate) -> Value {
    // Whoever has no first day holds it from the moment it counts.
    let from = delegate.from.map_or(0, value::date);
    value::record([
        ("from", value::number(from)),
        ("until", value::number(value::date(delegate.until))),
    ])
}

/// Owner, product owner and data owner, each once.
pub(crate) fn owners(application: &Application) -> Vec<&PrincipalId> {
    let named = [
        Some(&application.owner),
        application.product_owner.as_ref(),
        application.data_owner.as_ref(),
    ];
    let mut owners = Vec::new();
    for owner in named.into_iter().flatten() {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    owners
}

pub(crate) fn eligibility(eligibility: &Eligibility) -> Arc<Entity> {
    let (mut roles, mut people, mut agents, mut vendors) = (None, None, None, None);
    match &eligibility.holder {
        Holder::Role(role) => roles = Some(names::role(*role)),
        Holder::Person(id) => people = Some(names::person(id)),
        Holder::Agent(id) => agents = Some(names::agent(id)),
        Holder::Vendor(id) => vendors = Some(names::vendor(id)),
    }
    let operations = eligibility.operations.iter().map(|it| it.as_str());
    let attributes = Attributes::default()
        .text("id", &eligibility.id)
        .entities("roles", roles)
        .entities("people", people)
        .entities("agents", agents)
        .entities("vendors", vendors)
        .entities(
            "applications",
            eligibility.applications.iter().map(names::application),
        )
        .texts("operations", operations)
        .number("longest_minutes", eligibility.longest.0)
        .number("certified_until", value::date(eligibility.certified_until));
    entity(names::eligibility(&eligibility.id), attributes, [])
}
