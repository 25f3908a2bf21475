//! Catalog entries as Cedar entities. Only those that a question is about are ever built: policies may look
//! one step from the principal, the resource and the context, and the validator holds them to it.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{Entity, EntityUid, RestrictedExpression};
use locum_domain::catalog::{
    Account, Agent, Application, Delegate, Eligibility, Holder, Person, Principal,
};
use locum_domain::{Catalog, PrincipalId, Refusal};

use crate::index::Indexed;
use crate::names;
use crate::question::broken;
use crate::value::{self, Attributes};

pub(crate) fn entity(
    uid: EntityUid,
    attributes: Attributes,
    parents: Vec<EntityUid>,
) -> Result<Entity, Refusal> {
    tagged(uid, attributes, parents, Attributes::default())
}

pub(crate) fn tagged(
    uid: EntityUid,
    attributes: Attributes,
    parents: Vec<EntityUid>,
    tags: Attributes,
) -> Result<Entity, Refusal> {
    Entity::new_with_tags(uid, attributes.pairs(), parents, tags.pairs()).map_err(broken)
}

/// The principal; `involved` are the people it might be the same human as.
pub(crate) fn principal<'c>(
    catalog: &'c Indexed,
    id: &'c PrincipalId,
    involved: &BTreeSet<&'c PrincipalId>,
) -> Result<Entity, Refusal> {
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
pub(crate) fn alone(catalog: &Indexed, id: &PrincipalId) -> Result<Entity, Refusal> {
    match catalog.principal(id) {
        Some(Principal::Person(found)) => person(catalog, found, &[]),
        Some(Principal::Agent(found)) => agent(catalog, found),
        None => stranger(id),
    }
}

fn person(catalog: &Indexed, person: &Person, also: &[&PrincipalId]) -> Result<Entity, Refusal> {
    let answers_alone = catalog.emergencies(&person.id).map(names::application);
    let attributes = Attributes::default()
        .text("id", person.id.as_str())
        .truth("active", person.is_active)
        .truth("named", true)
        .maybe_entity("employer", person.employer.as_ref().map(names::vendor))
        .with("accounts", accounts(&person.accounts)?)
        .entities("break_glass", answers_alone)
        .entities("also", also.iter().map(|other| names::person(other)));
    let employer = person.employer.as_ref().map(names::vendor);
    let parents = employer
        .into_iter()
        .chain(person.roles.iter().copied().map(names::role));
    entity(names::person(&person.id), attributes, parents.collect())
}

/// Somebody in no catalog: nobody by name, and nothing follows from their id.
fn stranger(id: &PrincipalId) -> Result<Entity, Refusal> {
    let attributes = Attributes::default()
        .text("id", id.as_str())
        .truth("active", false)
        .truth("named", false)
        .with("accounts", accounts(&[])?)
        .entities("break_glass", [])
        .entities("also", []);
    entity(names::person(id), attributes, Vec::new())
}

fn agent(catalog: &Catalog, agent: &Agent) -> Result<Entity, Refusal> {
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
        .with("accounts", accounts(&agent.accounts)?);
    let vendor = sponsor.and_then(|it| it.employer.as_ref());
    let parents = vendor.map(names::vendor).into_iter().collect();
    entity(names::agent(&agent.id), attributes, parents)
}

fn accounts(accounts: &[Account]) -> Result<RestrictedExpression, Refusal> {
    let record = |account: &Account| {
        let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
        RestrictedExpression::new_record([
            ("system".to_owned(), text(&account.system)),
            ("id".to_owned(), text(&account.id)),
        ])
        .map_err(broken)
    };
    let records: Result<Vec<_>, _> = accounts.iter().map(record).collect();
    Ok(RestrictedExpression::new_set(records?))
}

/// The application with its delegations. One lent by somebody who is none of its owners is no delegation: authority
/// that was lent is never passed on, and ends with whoever lent it.
pub(crate) fn application(catalog: &Catalog, application: &Application) -> Result<Entity, Refusal> {
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
    let mut tags = Attributes::default();
    for (person, delegate) in latest {
        tags = tags.with(person.as_str(), delegation(delegate)?);
    }
    tagged(
        names::application(&application.id),
        attributes,
        Vec::new(),
        tags,
    )
}

fn delegation(delegate: &Delegate) -> Result<RestrictedExpression, Refusal> {
    // Whoever has no first day holds it from the moment it counts.
    let from = delegate.from.map_or(0, value::date);
    RestrictedExpression::new_record([
        ("from".to_owned(), RestrictedExpression::new_long(from)),
        (
            "until".to_owned(),
            RestrictedExpression::new_long(value::date(delegate.until)),
        ),
    ])
    .map_err(broken)
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

pub(crate) fn eligibility(eligibility: &Eligibility) -> Result<Entity, Refusal> {
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
    entity(names::eligibility(&eligibility.id), attributes, Vec::new())
}
