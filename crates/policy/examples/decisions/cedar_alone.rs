//! The peer: Cedar's authorizer by itself, with the whole company as entities and a `permit` for each eligibility.
//!
//! It answers who may ask for what, and nothing else: no case, no subject, no route, no approver.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use locum_domain::Catalog;
use locum_domain::catalog::{Eligibility, Holder};

use crate::wishes::Question;

pub(crate) struct CedarAlone {
    policies: PolicySet,
    entities: Entities,
    kinds: HashMap<&'static str, EntityTypeName>,
    ask: EntityUid,
}

impl CedarAlone {
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let kinds: HashMap<_, EntityTypeName> =
            ["Person", "Agent", "Role", "Vendor", "Application", "Action"]
                .map(|kind| (kind, kind.parse().expect("a type")))
                .into();
        let uid = |kind, id: &str| {
            EntityUid::from_type_name_and_id(kinds[kind].clone(), EntityId::new(id))
        };
        let people = catalog.people.values().map(|person| {
            let roles = person.roles.iter().map(|role| uid("Role", role.as_str()));
            let vendor = person.employer.iter().map(|it| uid("Vendor", it.as_str()));
            let active = RestrictedExpression::new_bool(person.is_active);
            Entity::new(
                uid("Person", person.id.as_str()),
                HashMap::from([("active".to_owned(), active)]),
                roles.chain(vendor).collect::<HashSet<_>>(),
            )
            .expect("an entity")
        });
        let texts: String = catalog.eligibilities.iter().map(permit).collect();
        let ask = uid("Action", "ask");
        Self {
            policies: texts.parse().expect("policies"),
            entities: Entities::from_entities(people, None).expect("entities"),
            ask,
            kinds,
        }
    }

    pub(crate) fn ask(&self, question: &Question) -> bool {
        let uid = |kind, id: &str| {
            EntityUid::from_type_name_and_id(self.kinds[kind].clone(), EntityId::new(id))
        };
        let operation = RestrictedExpression::new_string(question.operation.to_string());
        let context =
            Context::from_pairs([("operation".to_owned(), operation)]).expect("a context");
        let request = Request::new(
            uid("Person", question.principal.as_str()),
            self.ask.clone(),
            uid("Application", question.application.as_str()),
            context,
            None,
        )
        .expect("a request");
        let answer = Authorizer::new().is_authorized(&request, &self.policies, &self.entities);
        answer.decision() == Decision::Allow
    }
}

fn permit(eligibility: &Eligibility) -> String {
    let holder = match &eligibility.holder {
        Holder::Role(role) => format!("principal in Role::{:?}", role.as_str()),
        Holder::Vendor(vendor) => format!("principal in Vendor::{:?}", vendor.as_str()),
        Holder::Person(person) => format!("principal == Person::{:?}", person.as_str()),
        Holder::Agent(agent) => format!("principal == Agent::{:?}", agent.as_str()),
    };
    let application = eligibility.applications.first().expect("an application");
    let operations: Vec<String> = eligibility
        .operations
        .iter()
        .map(|it| format!("{:?}", it.as_str()))
        .collect();
    let application = application.as_str();
    let operations = operations.join(", ");
    format!(
        "permit ({holder}, action == Action::\"ask\", resource == Application::{application:?})\n\
         when {{ principal.active && [{operations}].contains(context.operation) }};\n"
    )
}
