//! `catalog/people.toml`: people, agents and vendors. One human, one person.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use locum_domain::PrincipalId;
use locum_domain::catalog::{Account, Agent, AgentKind, Person, Role, Vendor};

use super::claim::Claim;
use super::{PEOPLE, Reading, declare, reference, shared_mailbox};
use crate::read::{Fields, choose};
use crate::settings::Environment;
use crate::source::At;

const ROLES: [Role; 7] = [
    Role::Support,
    Role::Manager,
    Role::Security,
    Role::SecurityControlOwner,
    Role::Privacy,
    Role::Compliance,
    Role::Auditor,
];

/// The roles by the words of the catalog.
pub(crate) fn role_words() -> Vec<(&'static str, Role)> {
    ROLES
        .into_iter()
        .map(|role| (role.as_str(), role))
        .collect()
}

pub(super) fn read(reading: &mut Reading<'_>) {
    let Some(root) = reading.document(PEOPLE) else {
        return;
    };
    let root = Fields::open(
        &root,
        "people.toml",
        &["person", "agent", "vendor"],
        reading.problems,
    );
    let person = [
        "id", "name", "employer", "manager", "roles", "active", "accounts",
    ];
    for fields in root.tables("person", "[[person]]", &person) {
        if let Some(person) = self::person(&fields, reading) {
            reading.catalog.people.insert(person.id.clone(), person);
        }
    }
    let agent = [
        "id",
        "name",
        "kind",
        "sponsor",
        "public_key",
        "operations_per_session",
        "active",
        "accounts",
    ];
    for fields in root.tables("agent", "[[agent]]", &agent) {
        if let Some(agent) = self::agent(&fields, reading) {
            reading.catalog.agents.insert(agent.id.clone(), agent);
        }
    }
    for fields in root.tables("vendor", "[[vendor]]", &["id", "name", "sponsor"]) {
        if let Some(vendor) = vendor(&fields, reading) {
            reading.catalog.vendors.insert(vendor.id.clone(), vendor);
        }
    }
}

fn person(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Person> {
    let id = fields.need::<PrincipalId>("id");
    let is_new = id
        .as_ref()
        .is_some_and(|id| declare(&mut reading.seen.people, id, "person", fields.problems));
    let name = fields.need::<String>("name");
    let employer = fields.get("employer");
    if let Some(At { value, place }) = &employer {
        reading.claim(place, Claim::Vendor(std::clone::Clone::clone(value)));
    }
    let manager = fields.get::<PrincipalId>("manager");
    if let (Some(manager), Some(id)) = (&manager, &id)
        && manager.value == id.value
    {
        fields.problems.error(
            &manager.place,
            format!("`{}` cannot be their own manager", id.value),
        );
    }
    let manager = reading.person(manager, "manager");
    let words = role_words();
    let roles: Vec<_> = fields.list::<String>("roles");
    let roles: BTreeSet<Role> = roles
        .into_iter()
        .filter_map(|role| choose(role, "roles", &words, fields.problems))
        .map(|role| role.value)
        .collect();
    let is_active = fields
        .get::<bool>("active")
        .is_none_or(|active| active.value);
    let accounts = accounts(fields, id.as_ref(), reading);
    if let Some(id) = &id {
        shared_mailbox::warn(id, &accounts, fields.problems);
    }
    Some(Person {
        id: id.filter(|_| is_new)?.value,
        name: name?.value,
        employer: employer.map(|employer| employer.value),
        manager,
        roles,
        is_active,
        accounts,
    })
}

fn accounts(
    fields: &Fields<'_>,
    of: Option<&At<PrincipalId>>,
    reading: &mut Reading<'_>,
) -> Vec<Account> {
    let mut accounts = Vec::new();
    for account in fields.tables("accounts", "accounts", &["system", "id"]) {
        let (system, id) = (
            account.need::<String>("system"),
            account.need::<String>("id"),
        );
        let (Some(system), Some(id), Some(of)) = (system, id, of) else {
            continue;
        };
        let account = Account {
            system: system.value,
            id: id.value,
        };
        match reading.seen.accounts.get(&account) {
            Some(first) if first.value != of.value => {
                let message = format!(
                    "`{}` and `{}` are both `{}` at `{}`",
                    first.value, of.value, account.id, account.system
                );
                fields.problems.error_with(
                    &id.place,
                    message,
                    "one human, one person: give each their own account",
                );
            }
            Some(_) => fields
                .problems
                .error(&id.place, "the account is listed twice"),
            None => {
                let owner = At {
                    value: of.value.clone(),
                    place: id.place.clone(),
                };
                reading.seen.accounts.insert(account.clone(), owner);
                accounts.push(account);
            }
        }
    }
    accounts
}

fn agent(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Agent> {
    let problems = fields.problems;
    let id = fields.need::<PrincipalId>("id");
    let is_new = id.as_ref().is_some_and(|id| {
        if reading.seen.people.contains_key(&id.value) {
            problems.error(&id.place, format!("`{}` is a person already", id.value));
        }
        declare(&mut reading.seen.agents, id, "agent", problems)
    });
    let name = fields.need::<String>("name");
    let kind = fields.word(
        "kind",
        &[
            ("ai_agent", AgentKind::AiAgent),
            ("service", AgentKind::Service),
        ],
    );
    if fields.node("kind").is_none() {
        problems.error_with(
            &fields.place,
            "[[agent]] needs `kind`",
            "\"ai_agent\" or \"service\"",
        );
    }
    let sponsor = fields.need::<PrincipalId>("sponsor");
    let sponsor = reading.person(sponsor, "sponsor");
    let public_key = public_key(fields, reading);
    let operations_per_session = fields
        .get::<u32>("operations_per_session")
        .map(|most| most.value);
    let is_active = fields
        .get::<bool>("active")
        .is_none_or(|active| active.value);
    let accounts = accounts(fields, id.as_ref(), reading);
    Some(Agent {
        id: id.filter(|_| is_new)?.value,
        name: name?.value,
        kind: kind?.value,
        sponsor: sponsor?,
        public_key,
        operations_per_session,
        is_active,
        accounts,
    })
}

/// The public key as a JWK document: a file, or written out.
fn public_key(fields: &Fields<'_>, reading: &Reading<'_>) -> Option<String> {
    let stated = fields.get::<String>("public_key")?;
    let text = match stated.value.strip_prefix("file:") {
        None => stated.value.as_str(),
        Some(path) => match reference::find(reading.files, PEOPLE, path) {
            Some((_, text)) => text,
            None => {
                let message = format!("the key file `{path}` is missing");
                let hint = "beside this file or in the folder of locum.toml; until then the agent cannot sign in";
                match reading.environment {
                    Environment::Development => {
                        fields.problems.warning(&stated.place, message, hint)
                    }
                    Environment::Production => {
                        fields.problems.error_with(&stated.place, message, hint)
                    }
                }
                return None;
            }
        },
    };
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(jwk)) if jwk.contains_key("d") || jwk.contains_key("k") => {
            let message = "`public_key` is a private key";
            fields.problems.unquoted(
                &stated.place,
                message,
                "write the public half only; the private one is compromised now",
            );
            None
        }
        Ok(serde_json::Value::Object(jwk))
            if jwk.get("kty").is_some_and(serde_json::Value::is_string) =>
        {
            Some(text.trim().to_owned())
        }
        _ => {
            let hint = "a JSON Web Key as {\"kty\":\"OKP\",…}, or \"file:PATH\"";
            fields
                .problems
                .unquoted(&stated.place, "`public_key` is not a JSON Web Key", hint);
            None
        }
    }
}

fn vendor(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Vendor> {
    let id = fields.need("id");
    let is_new = id
        .as_ref()
        .is_some_and(|id| declare(&mut reading.seen.vendors, id, "vendor", fields.problems));
    let name = fields.need::<String>("name");
    let sponsor = fields.need::<PrincipalId>("sponsor");
    if let (Some(sponsor), Some(id)) = (&sponsor, &id) {
        let claim = Claim::EmployedBy {
            person: sponsor.value.clone(),
            vendor: std::clone::Clone::clone(&id.value),
        };
        reading.claim(&sponsor.place, claim);
    }
    let sponsor = reading.person(sponsor, "sponsor");
    Some(Vendor {
        id: id.filter(|_| is_new)?.value,
        name: name?.value,
        sponsor: sponsor?,
    })
}

/// An account that is written like somebody else's id would make two people of one human.
pub(super) fn settle(reading: &Reading<'_>) {
    for (account, owner) in &reading.seen.accounts {
        let Ok(id) = PrincipalId::from_str(&account.id) else {
            continue;
        };
        let is_declared =
            reading.seen.people.contains_key(&id) || reading.seen.agents.contains_key(&id);
        if is_declared && id != owner.value {
            let message = format!(
                "`{}` would also be `{id}`, who is somebody else here",
                owner.value
            );
            reading
                .problems
                .error_with(&owner.place, message, "one human, one person");
        }
    }
}
