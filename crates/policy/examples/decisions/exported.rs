//! The company and its questions as JSON, so that a peer in another language is asked the same.

use locum_domain::catalog::Holder;
use locum_policy::{Indexed, Policies};
use serde_json::{Value, json};

use crate::wishes;

pub(crate) fn company(policies: &Policies, catalog: &Indexed) -> Value {
    let people = catalog.people.values().map(|person| {
        json!({
            "id": person.id,
            "roles": person.roles,
            "vendor": person.employer,
            "is_active": person.is_active,
        })
    });
    let eligibilities = catalog.eligibilities.iter().map(|it| {
        let (kind, holder) = match &it.holder {
            Holder::Role(role) => ("role", role.as_str()),
            Holder::Vendor(vendor) => ("vendor", vendor.as_str()),
            Holder::Person(person) => ("person", person.as_str()),
            Holder::Agent(agent) => ("agent", agent.as_str()),
        };
        json!({
            "kind": kind,
            "holder": holder,
            "applications": it.applications,
            "operations": it.operations,
        })
    });
    let questions = wishes::questions(crate::QUESTIONS).into_iter().map(|it| {
        json!({
            "principal": it.principal,
            "application": it.application,
            "operation": it.operation,
            "is_allowed": it.ask(policies, catalog),
        })
    });
    json!({
        "people": people.collect::<Vec<_>>(),
        "eligibilities": eligibilities.collect::<Vec<_>>(),
        "questions": questions.collect::<Vec<_>>(),
    })
}
