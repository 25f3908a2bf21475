//! A company of the size the target names: 10,000 people, 100 applications, 1,000 eligibilities. The same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::{Date, date};
use locum_domain::catalog::*;
use locum_domain::{Catalog, Minutes, PrincipalId};

pub(crate) const PEOPLE: usize = 10_000;
pub(crate) const APPLICATIONS: usize = 100;
const ELIGIBILITIES_PER_APPLICATION: usize = 10;
const VENDORS: usize = 5;
const AGENTS: usize = 50;
/// People who report to one manager.
const TEAM: usize = 20;
pub(crate) const TODAY: Date = date(2026, 11, 24);
const CERTIFIED_UNTIL: Date = date(2027, 2, 15);

/// How many people hold each authority of the whole company, beside those who hold none.
const HOLDERS: [(Role, usize); 5] = [
    (Role::Manager, 40),
    (Role::SecurityControlOwner, 10),
    (Role::Security, 20),
    (Role::Privacy, 10),
    (Role::Compliance, 10),
];

/// Numbers that look like chance and are the same in every run (Numerical Recipes' generator).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}

pub(crate) fn id<T: FromStr<Err: Display>>(text: impl AsRef<str>) -> T {
    let text = text.as_ref();
    text.parse()
        .unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

pub(crate) fn person(number: usize) -> PrincipalId {
    id(format!("person{number:05}@corp.example"))
}

pub(crate) fn agent(number: usize) -> PrincipalId {
    id(format!("agent{number:02}"))
}

/// The desk's name for somebody.
pub(crate) fn at_desk(who: &PrincipalId) -> String {
    format!("desk.{who}")
}

pub(crate) fn application(number: usize) -> locum_domain::ApplicationId {
    id(format!("application{number:02}"))
}

/// What an application can do, and how it is called on the wire: (name, effect, closed class, routes).
pub(crate) const OPERATIONS: usize = 30;

fn operation(number: usize) -> Operation {
    let (effect, closed) = match number {
        0..3 => (Effect::Asset, None),
        3..20 => (Effect::Read, None),
        20..26 => (Effect::Write, None),
        26..28 => (Effect::Egress, None),
        _ => (Effect::Write, Some("money".to_owned())),
    };
    let method = if matches!(effect, Effect::Write) {
        "POST"
    } else {
        "GET"
    };
    Operation {
        id: id(format!("thing{number:02}.do")),
        effect,
        routes: vec![
            format!("{method} /api/v1/thing{number:02}/*"),
            format!("{method} /api/v1/thing{number:02}/*/parts/*"),
        ],
        graphql: Default::default(),
        graphql_hashes: Default::default(),
        closed,
        object: Some(format!("thing{number:02}:{{1}}")),
        max_per_session: None,
    }
}

/// The company's files, as they would have been read.
pub(crate) fn catalog() -> Catalog {
    let mut numbers = Numbers::new(7);
    let vendor = |number: usize| id::<locum_domain::VendorId>(format!("vendor{number}"));
    let mut people: Vec<Person> = (0..PEOPLE)
        .map(|number| Person {
            id: person(number),
            name: format!("Person {number}"),
            // The last three in ten work for a vendor.
            employer: (number >= PEOPLE * 7 / 10).then(|| vendor(number % VENDORS)),
            manager: Some(person(number / TEAM)),
            roles: BTreeSet::new(),
            is_active: number < PEOPLE / TEAM || number % 50 != 49,
            accounts: ["desk", "mail", "crm"]
                .map(|system| Account {
                    system: system.to_owned(),
                    id: format!("{system}.{}", person(number)),
                })
                .into(),
        })
        .collect();
    let mut first = 0;
    for (role, many) in HOLDERS {
        for holder in people.iter_mut().skip(first).take(many) {
            holder.roles.insert(role);
        }
        first += many;
    }
    // Everybody who is not set over others answers cases.
    for support in people.iter_mut().skip(PEOPLE / TEAM) {
        support.roles.insert(Role::Support);
    }
    let agents = (0..AGENTS).map(|number| Agent {
        id: agent(number),
        name: format!("Agent {number}"),
        kind: AgentKind::AiAgent,
        sponsor: person(PEOPLE / TEAM + number * 50),
        public_key: None,
        operations_per_session: Some(50),
        is_active: true,
        accounts: Vec::new(),
    });
    let applications: BTreeMap<_, _> = (0..APPLICATIONS)
        .map(|number| (application(number), an_application(number)))
        .collect();
    Catalog {
        people: people.into_iter().map(|it| (it.id.clone(), it)).collect(),
        agents: agents.map(|it| (it.id.clone(), it)).collect(),
        vendors: (0..VENDORS)
            .map(|number| Vendor {
                id: vendor(number),
                name: format!("Vendor {number}"),
                sponsor: person(100 + number),
            })
            .map(|it| (it.id.clone(), it))
            .collect(),
        eligibilities: (0..APPLICATIONS)
            .flat_map(|number| eligibilities(number, &mut numbers))
            .collect(),
        break_glass: (110..120)
            .map(|number| BreakGlass {
                person: person(number),
                applications: applications.keys().cloned().collect(),
            })
            .collect(),
        applications,
        ..Catalog::default()
    }
}

fn an_application(number: usize) -> Application {
    let (tier, data) = match number % 10 {
        0..2 => (Tier::Low, vec![]),
        2..7 => (Tier::Standard, vec![DataClass::Personal]),
        _ => (
            Tier::Regulated,
            vec![DataClass::Finance, DataClass::Personal],
        ),
    };
    let owner = 200 + number;
    let delegate = |person: usize| Delegate {
        person: self::person(person),
        from: Some(date(2026, 11, 20)),
        until: date(2026, 12, 20),
        by: self::person(owner),
    };
    let operations = (0..OPERATIONS).map(operation);
    Application {
        id: application(number),
        name: format!("Application {number}"),
        tier,
        data: data.into_iter().collect(),
        owner: person(owner),
        product_owner: Some(person(owner + 100)),
        data_owner: None,
        reviewer: None,
        delegates: vec![delegate(400 + number % 50), delegate(450 + number % 50)],
        reason_prompt: None,
        upstream: "http://127.0.0.1:9".to_owned(),
        address: None,
        identity: IdentityHeader {
            assertion_header: "Locum-Assertion".to_owned(),
            algorithm: SigningAlgorithm::EdDSA,
            audience: format!("app:{number}"),
            trusted_header: None,
        },
        secret_header: None,
        strip_headers: Vec::new(),
        harmless_cookies: BTreeSet::new(),
        record: RecordTiming::Before,
        graphql_endpoints: Default::default(),
        subjects: None,
        protected_subjects: vec![ProtectedSubject {
            attribute: "role".to_owned(),
            values: ["administrator", "staff"].map(str::to_owned).into(),
        }],
        operations: operations.map(|it| (it.id.clone(), it)).collect(),
    }
}

/// One application's eligibilities: support reads, each vendor reads less, some roles and some people write.
fn eligibilities(number: usize, numbers: &mut Numbers) -> Vec<Eligibility> {
    (0..ELIGIBILITIES_PER_APPLICATION)
        .map(|place| {
            let (holder, operations) = match place {
                0 => (Holder::Role(Role::Support), 3..15),
                1 => (Holder::Role(Role::Support), 20..22),
                2 => (Holder::Role(Role::Manager), 3..28),
                3..6 => (Holder::Vendor(id(format!("vendor{}", place - 3))), 3..8),
                6 => (Holder::Agent(agent(number % AGENTS)), 3..6),
                _ => (Holder::Person(person(numbers.below(PEOPLE))), 20..28),
            };
            Eligibility {
                id: format!("eligibility{number:02}-{place}"),
                holder,
                applications: [application(number)].into(),
                operations: operations
                    .map(|number| id(format!("thing{number:02}.do")))
                    .collect(),
                longest: Minutes(60),
                owner: person(200 + number),
                certified_until: CERTIFIED_UNTIL,
            }
        })
        .collect()
}
