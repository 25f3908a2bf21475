//! A small synthetic catalog for one situation, with the filing, the case and what happened before.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{
    Application, Effect, Eligibility, Holder, IdentityHeader, Operation, RecordTiming, Role,
    SigningAlgorithm,
};
use locum_domain::{
    ApplicationId, Case, Catalog, Minutes, PrincipalId, Provisions, Scope, SubjectId, Timestamp,
};

use super::kind::Kind;
use super::situation::{Asker, CaseOrigin, Does, People, Situation};
use super::staff;
use crate::filing::{Circumstances, Filing};
use crate::index::Indexed;
use crate::route::History;

/// What the case says its subject is called, and its connector.
pub(super) const SUBJECT: &str = "customer-1";
pub(super) const DESK: &str = "desk";
/// The longest that any eligibility allows: more than any tier does.
const LONGEST: u32 = 480;
/// A Wednesday, at noon: rules of an operator may look at neither otherwise.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 25);
const NOON: u8 = 12;

/// Everything a route is made from.
pub struct World {
    pub catalog: Indexed,
    pub requester: PrincipalId,
    pub actor: PrincipalId,
    pub subject: SubjectId,
    pub scope: Scope,
    pub is_emergency: bool,
    pub case: Case,
    pub history: History,
    /// Whom separation of duties keeps away from it: who asks, acts, sponsors, opened the case or is its subject, by
    /// whatever account.
    pub parties: BTreeSet<PrincipalId>,
}

impl World {
    /// The world of this situation.
    pub fn of(situation: &Situation) -> Self {
        let mut catalog = staff::everybody(situation.people);
        let ids: Vec<ApplicationId> = ["first", "second"].map(id).into();
        for (kind, id) in situation.applications.iter().zip(&ids) {
            let application = application(id, kind, situation.people);
            catalog.applications.insert(id.clone(), application);
        }
        let asked: Vec<ApplicationId> = catalog.applications.keys().cloned().collect();
        staff::list_for_emergencies(&mut catalog, situation.people, &asked);
        catalog.eligibilities = eligibilities(&asked);
        let (requester, actor) = asks(situation.asker);
        let does = || BTreeSet::from([id(situation.does.as_str())]);
        let scope = asked
            .iter()
            .map(|application| (application.clone(), does()));
        Self {
            case: case(situation, actor),
            history: history(situation),
            parties: parties(&catalog, situation, requester, actor),
            catalog: Indexed::of(catalog),
            requester: id(requester),
            actor: id(actor),
            subject: id(SUBJECT),
            scope: Scope(scope.collect()),
            is_emergency: situation.is_emergency,
        }
    }

    /// Nothing but this long is anybody eligible for.
    pub fn with_eligibilities_of(mut self, minutes: u32) -> Self {
        let mut catalog = Catalog::clone(&self.catalog);
        for eligibility in &mut catalog.eligibilities {
            eligibility.longest = Minutes(minutes);
        }
        self.catalog = Indexed::of(catalog);
        self
    }

    /// What is asked: for the shortest time there is.
    pub fn filing(&self) -> Filing<'_> {
        Filing {
            catalog: &self.catalog,
            provisions: Provisions::NONE,
            requester: &self.requester,
            actor: &self.actor,
            scope: &self.scope,
            duration: Minutes(1),
            break_glass: self.is_emergency,
            impersonating: false,
            circumstances: circumstances(),
        }
    }
}

pub(super) fn circumstances() -> Circumstances {
    Circumstances {
        today: TODAY,
        local_hour: NOON,
    }
}

/// A name of this folder's own.
#[expect(
    clippy::expect_used,
    reason = "the names are constants of this folder, and every one is parsed by its tests"
)]
pub(super) fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a name of the abstraction")
}

/// Requester and actor.
fn asks(asker: Asker) -> (&'static str, &'static str) {
    match asker {
        Asker::Staff => (staff::ASKER, staff::ASKER),
        Asker::Vendor => (staff::CALLER, staff::CALLER),
        Asker::Agent => (staff::AGENT, staff::AGENT),
        Asker::SponsorForAgent => (staff::SPONSOR, staff::AGENT),
        Asker::StaffForColleague => (staff::COLLEAGUE, staff::ASKER),
    }
}

fn parties(
    catalog: &Catalog,
    situation: &Situation,
    requester: &str,
    actor: &str,
) -> BTreeSet<PrincipalId> {
    let mut parties: BTreeSet<PrincipalId> = [requester, actor, staff::SUBJECT].map(id).into();
    parties.extend(match situation.asker {
        Asker::Vendor => Some(id(staff::ACCOUNT_MANAGER)),
        Asker::Agent | Asker::SponsorForAgent => Some(id(staff::SPONSOR)),
        Asker::Staff | Asker::StaffForColleague => None,
    });
    if situation.case == CaseOrigin::Confirmed {
        parties.insert(id(staff::OPENER));
    }
    // Whoever has an account in common with one of these is the same human.
    let again: Vec<PrincipalId> = catalog
        .people
        .values()
        .filter(|person| {
            let others = parties.iter().filter(|party| **party != person.id);
            let mut others = others.filter_map(|party| catalog.people.get(party));
            others.any(|other| other.accounts.iter().any(|it| person.accounts.contains(it)))
        })
        .map(|person| person.id.clone())
        .collect();
    parties.extend(again);
    parties
}

fn case(situation: &Situation, actor: &str) -> Case {
    Case {
        reference: id("desk:1"),
        is_open: true,
        state: "open".to_owned(),
        assignee: Some(actor.to_owned()),
        subject: Some(id(SUBJECT)),
        tenant: None,
        title: None,
        priority: None,
        queue: None,
        opened_by: match situation.case {
            CaseOrigin::Confirmed => Some(staff::OPENER.to_owned()),
            CaseOrigin::SelfMade => Some(actor.to_owned()),
            CaseOrigin::Unknown => None,
        },
        subject_set_by: None,
        opened_at: None,
        looked_up_at: Timestamp::UNIX_EPOCH,
    }
}

fn history(situation: &Situation) -> History {
    let past = situation.past;
    let decider = match situation.people {
        People::Plenty | People::Entangled => staff::owner("first"),
        People::Two => staff::ONE.to_owned(),
    };
    History {
        crossed: past.crossed.then(|| id("earlier")).into_iter().collect(),
        minutes_in_24h: if past.chained { LONGEST } else { 0 },
        case_age_days: Some(if past.old_case { 15 } else { 1 }),
        emergencies_in_30_days: if past.two_emergencies { 2 } else { 0 },
        earlier_decider: past.denied.then(|| id(&decider)),
    }
}

fn eligibilities(applications: &[ApplicationId]) -> Vec<Eligibility> {
    let of = |name: &str, holder: Holder| Eligibility {
        id: name.to_owned(),
        holder,
        applications: applications.iter().cloned().collect(),
        operations: Does::ALL.map(|does| id(does.as_str())).into(),
        longest: Minutes(LONGEST),
        owner: id(staff::OPENER),
        certified_until: jiff::civil::date(2027, 1, 1),
    };
    vec![
        of("of-staff", Holder::Role(Role::Support)),
        of("of-the-vendor", Holder::Vendor(id(staff::VENDOR))),
        of("of-the-agent", Holder::Agent(id(staff::AGENT))),
    ]
}

fn application(id_of: &ApplicationId, kind: &Kind, people: People) -> Application {
    let operation = |name: &str, effect| Operation {
        id: id(name),
        effect,
        routes: Vec::new(),
        graphql: Vec::new(),
        graphql_hashes: Vec::new(),
        closed: None,
        object: None,
        max_per_session: None,
    };
    let operations = [
        operation("read", Effect::Read),
        operation("write", Effect::Write),
    ];
    let owners = staff::owners(id_of.as_str(), people);
    Application {
        id: id_of.clone(),
        name: id_of.to_string(),
        tier: kind.tier,
        data: kind.data.clone(),
        owner: owners.owner,
        product_owner: owners.product_owner,
        data_owner: owners.data_owner,
        reviewer: None,
        delegates: owners.delegates,
        reason_prompt: None,
        upstream: "http://127.0.0.1:9".to_owned(),
        address: None,
        identity: IdentityHeader {
            assertion_header: "Locum-Assertion".to_owned(),
            algorithm: SigningAlgorithm::EdDSA,
            audience: format!("app:{id_of}"),
            trusted_header: None,
        },
        secret_header: None,
        strip_headers: Vec::new(),
        harmless_cookies: BTreeSet::new(),
        record: RecordTiming::Before,
        subjects: None,
        protected_subjects: Vec::new(),
        graphql_endpoints: Vec::new(),
        operations: BTreeMap::from(operations.map(|it| (it.id.clone(), it))),
    }
}
