//! People and applications by the names people read; ids short, in full on hover.

use std::fmt::Display;

use locum_domain::catalog::{AgentKind, Person, Principal, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId};
use maud::{Markup, html};

use crate::view::View;

/// A principal's name, `you` for the reader, a badge for what is not human.
pub(crate) fn person(view: &View, id: &PrincipalId) -> Markup {
    match view.catalog.principal(id) {
        Some(Principal::Agent(agent)) => html! {
            span title=(id) { (agent.name) } " " span.badge { (kind(agent.kind)) }
        },
        Some(Principal::Person(person)) => html! { span title=(id) { (person.name) } },
        None => html! { span title="not in the catalog any more" { (id) } },
    }
}

fn kind(kind: AgentKind) -> &'static str {
    match kind {
        AgentKind::AiAgent => "AI agent",
        AgentKind::Service => "service",
    }
}

/// The name with who answers for them: "Ann Abbott (vendor BPO Partners, sponsor Bea Brook)".
pub(crate) fn principal_line(view: &View, id: &PrincipalId) -> Markup {
    let catalog = &view.catalog;
    let vendor = match catalog.principal(id) {
        Some(Principal::Person(person)) => person.employer.as_ref(),
        _ => None,
    };
    let vendor = vendor.and_then(|id| catalog.vendors.get(id));
    let sponsor = catalog.sponsor_of(id);
    html! {
        strong { (person(view, id)) }
        @match (vendor, sponsor) {
            (Some(vendor), Some(sponsor)) => { " (vendor " (vendor.name) ", sponsor " (person(view, sponsor)) ")" }
            (None, Some(sponsor)) => { " (sponsor " (person(view, sponsor)) ")" }
            _ => {}
        }
    }
}

/// An application's name.
pub(crate) fn application(view: &View, id: &ApplicationId) -> Markup {
    match view.catalog.applications.get(id) {
        Some(application) => html! { span title=(id) { (application.name) } },
        None => html! { span title="not in the catalog any more" { (id) } },
    }
}

/// The last digits of an id, in full on hover. Ids begin with their time, so the end is what differs.
pub(crate) fn short(id: &impl Display) -> Markup {
    let text = id.to_string();
    let (kind, rest) = text.split_once('_').unwrap_or(("", text.as_str()));
    let tail: String = rest
        .chars()
        .skip(rest.chars().count().saturating_sub(6))
        .collect();
    html! { code.id title=(text) { (kind) "_…" (tail) } }
}

/// What a person does here, in a few words.
pub(crate) fn work_of(catalog: &Catalog, person: &Person) -> String {
    let mut words: Vec<String> = person
        .roles
        .iter()
        .map(|role| role_word(*role).to_owned())
        .collect();
    for application in catalog.applications.values() {
        let is_owner = application.owner == person.id;
        let is_delegate = application
            .delegates
            .iter()
            .any(|it| it.person == person.id);
        if is_owner {
            words.push(format!("owns {}", application.name));
        } else if is_delegate {
            words.push(format!("stands in for the owner of {}", application.name));
        }
    }
    let vendors = catalog.vendors.values();
    words.extend(
        vendors
            .filter(|it| it.sponsor == person.id)
            .map(|it| format!("sponsor at {}", it.name)),
    );
    let agents = catalog.agents.values();
    words.extend(
        agents
            .filter(|it| it.sponsor == person.id)
            .map(|it| format!("answers for {}", it.name)),
    );
    let employer = person
        .employer
        .as_ref()
        .and_then(|id| catalog.vendors.get(id));
    if let Some(vendor) = employer.filter(|vendor| vendor.sponsor != person.id) {
        words.push(format!("works for {}", vendor.name));
    }
    if words.is_empty() {
        words.push("has no duty here yet".to_owned());
    }
    words.join(", ")
}

/// A role, in a word or two.
pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Support => "support agent",
        Role::Manager => "manager",
        Role::Security => "security",
        Role::SecurityControlOwner => "security control owner",
        Role::Privacy => "privacy",
        Role::Compliance => "compliance",
        Role::Auditor => "auditor",
    }
}
