//! The people of the synthetic catalogs, and which authority each of them holds.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{
    Account, Agent, AgentKind, BreakGlass, Delegate, Person, Role, Vendor,
};
use locum_domain::{ApplicationId, Catalog, PrincipalId};

use super::situation::People;
use super::world::{DESK, SUBJECT as CASE_SUBJECT, id};

pub(super) const ASKER: &str = "asker@house.example";
/// The asker, entered again.
const ASKER_AGAIN: &str = "asker.private@house.example";
pub(super) const COLLEAGUE: &str = "colleague@house.example";
pub(super) const CALLER: &str = "caller@vendor.example";
pub(super) const ACCOUNT_MANAGER: &str = "account-manager@vendor.example";
pub(super) const AGENT: &str = "agent";
pub(super) const SPONSOR: &str = "sponsor@house.example";
/// The sponsor, entered again.
const SPONSOR_AGAIN: &str = "sponsor.private@house.example";
/// Opened the case, and gains nothing from it.
pub(super) const OPENER: &str = "opener@house.example";
/// Of our own people, whom the case is about.
pub(super) const SUBJECT: &str = "subject@house.example";
pub(super) const VENDOR: &str = "vendor";

/// The two who hold everything between them.
pub(super) const ONE: &str = "one@house.example";
const OTHER: &str = "other@house.example";

/// Whoever has a part in some request.
const PARTIES: [&str; 9] = [
    ASKER,
    ASKER_AGAIN,
    COLLEAGUE,
    CALLER,
    ACCOUNT_MANAGER,
    SPONSOR,
    SPONSOR_AGAIN,
    OPENER,
    SUBJECT,
];

const DECIDING: [Role; 5] = [
    Role::Manager,
    Role::SecurityControlOwner,
    Role::Security,
    Role::Privacy,
    Role::Compliance,
];

/// Whoever owns an application.
pub(super) struct Owners {
    pub(super) owner: PrincipalId,
    pub(super) product_owner: Option<PrincipalId>,
    pub(super) data_owner: Option<PrincipalId>,
    pub(super) delegates: Vec<Delegate>,
}

/// The owner who has no part in anything, where there are more than two people.
pub(super) fn owner(application: &str) -> String {
    format!("owner-of-{application}@house.example")
}

fn delegate(application: &str) -> String {
    format!("delegate-of-{application}@house.example")
}

/// People, agent and vendor; applications are added by whoever knows them.
pub(super) fn everybody(people: People) -> Catalog {
    let mut everybody: Vec<Person> = PARTIES.iter().map(|name| party(name, people)).collect();
    match people {
        People::Plenty | People::Entangled => {
            for application in ["first", "second"] {
                everybody.push(person(&owner(application), &[]));
                everybody.push(person(&delegate(application), &[]));
            }
            everybody.extend(
                DECIDING.map(|role| person(&format!("{}@house.example", role.as_str()), &[role])),
            );
            everybody.push(person(FIREFIGHTER, &[]));
            if people == People::Entangled {
                everybody.push(Person {
                    is_active: false,
                    ..person(GONE, &DECIDING)
                });
            }
        }
        People::Two => {
            everybody.push(person(ONE, &[Role::Security, Role::Manager]));
            everybody.push(person(OTHER, &[Role::Privacy, Role::SecurityControlOwner]));
        }
    }
    let agent = Agent {
        id: id(AGENT),
        name: AGENT.to_owned(),
        kind: AgentKind::AiAgent,
        sponsor: id(SPONSOR),
        public_key: None,
        operations_per_session: None,
        is_active: true,
        accounts: Vec::new(),
    };
    let vendor = Vendor {
        id: id(VENDOR),
        name: VENDOR.to_owned(),
        sponsor: id(ACCOUNT_MANAGER),
    };
    Catalog {
        people: everybody
            .into_iter()
            .map(|it| (it.id.clone(), it))
            .collect(),
        agents: BTreeMap::from([(agent.id.clone(), agent)]),
        vendors: BTreeMap::from([(vendor.id.clone(), vendor)]),
        chains: Vec::new(),
        applications: BTreeMap::new(),
        eligibilities: Vec::new(),
        break_glass: Vec::new(),
    }
}

/// Held every authority, and no longer works here.
const GONE: &str = "gone@house.example";
/// On the list for emergencies, and nothing else.
const FIREFIGHTER: &str = "firefighter@house.example";

fn person(name: &str, roles: &[Role]) -> Person {
    Person {
        id: id(name),
        name: name.to_owned(),
        employer: None,
        manager: None,
        roles: roles.iter().copied().collect(),
        is_active: true,
        accounts: Vec::new(),
    }
}

fn party(name: &str, people: People) -> Person {
    let mut party = person(name, &[]);
    let account = |account: &str| Account {
        system: DESK.to_owned(),
        id: account.to_owned(),
    };
    // The same human by another entry: an account in common.
    party.accounts.extend(match name {
        ASKER | ASKER_AGAIN => Some(account("asker")),
        SPONSOR | SPONSOR_AGAIN => Some(account("sponsor")),
        SUBJECT => Some(account(CASE_SUBJECT)),
        _ => None,
    });
    if name == CALLER || name == ACCOUNT_MANAGER {
        party.employer = Some(id(VENDOR));
    }
    if name == ASKER || name == COLLEAGUE || name == SPONSOR {
        party.roles.insert(Role::Support);
    }
    if people == People::Entangled {
        party.roles.extend(DECIDING);
        party.manager = Some(id(OPENER));
    }
    party
}

/// Who owns this application.
pub(super) fn owners(application: &str, people: People) -> Owners {
    let delegated = |person: &str, by: &str| Delegate {
        person: id(person),
        from: None,
        until: jiff::civil::date(2026, 12, 20),
        by: id(by),
    };
    let (owner, delegate) = (owner(application), delegate(application));
    match people {
        People::Plenty => Owners {
            owner: id(&owner),
            product_owner: None,
            data_owner: None,
            delegates: vec![delegated(&delegate, &owner)],
        },
        People::Entangled => Owners {
            owner: id(ASKER),
            product_owner: Some(id(SPONSOR)),
            data_owner: Some(id(&owner)),
            delegates: PARTIES
                .into_iter()
                .chain([delegate.as_str(), GONE])
                .map(|person| delegated(person, &owner))
                .collect(),
        },
        People::Two => Owners {
            owner: id(ONE),
            product_owner: None,
            data_owner: None,
            delegates: vec![delegated(OTHER, ONE)],
        },
    }
}

/// Whoever answers an emergency of these applications alone.
pub(super) fn list_for_emergencies(
    catalog: &mut Catalog,
    people: People,
    applications: &[ApplicationId],
) {
    let listed: Vec<&str> = match people {
        People::Plenty => vec![FIREFIGHTER],
        People::Entangled => PARTIES.into_iter().chain([FIREFIGHTER, GONE]).collect(),
        People::Two => vec![ONE, OTHER],
    };
    let applications: BTreeSet<ApplicationId> = applications.iter().cloned().collect();
    catalog.break_glass = listed
        .into_iter()
        .map(|person| BreakGlass {
            person: id(person),
            applications: applications.clone(),
        })
        .collect();
}
