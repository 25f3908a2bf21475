//! A decision's slice of the catalog gives every answer that the whole catalog gives: the same questions, about the same
//! entities, with the same policies deciding.

use std::collections::BTreeMap;

use locum_domain::catalog::*;
use locum_domain::facts::{ProvisionsRead, Slice};
use locum_domain::request::SubjectThere;
use locum_domain::*;
use locum_policy::{Asked, Filing, Indexed, Policies};
use proptest::prelude::*;

use crate::house::*;

/// Everything that filing asks, and what comes of it.
fn file(
    policies: &Policies,
    wish: &Wish,
    catalog: &Indexed,
    provisions: &Provisions,
) -> (Result<Route, Refusal>, Vec<Asked>) {
    let traced = policies.tracing();
    let filing = Filing {
        catalog,
        provisions,
        ..wish.filing()
    };
    let decide = || {
        let policies = traced.policies();
        let allowed = policies.may_file(&filing)?;
        let subject = wish.case.subject.clone().unwrap();
        let finding = policies.judge_case(&filing, &wish.case, &subject)?;
        for (id, there) in subjects(wish) {
            let application = &catalog.applications[&id];
            policies.judge_subject(&filing, application, &wish.case, &there)?;
        }
        policies.route(&filing, &allowed, &wish.case, &finding, &wish.history, true)
    };
    let route = decide();
    (route, traced.asked())
}

fn subjects(wish: &Wish) -> BTreeMap<ApplicationId, SubjectThere> {
    let there = |id: &ApplicationId| {
        let attributes = BTreeMap::from([("role".to_owned(), "user".to_owned())]);
        let there = SubjectThere {
            id: "carol".to_owned(),
            tenant: Some("initech".parse().unwrap()),
            attributes,
        };
        (id.clone(), there)
    };
    wish.scope.0.keys().map(there).collect()
}

/// Through its recorded form and back.
fn recorded(slice: &Slice) -> (Slice, usize) {
    let bytes = json_canon(slice);
    (serde_json::from_slice(&bytes).unwrap(), bytes.len())
}

fn json_canon(slice: &Slice) -> Vec<u8> {
    serde_json::to_vec(&serde_json::to_value(slice).unwrap()).unwrap()
}

/// Files by the whole catalog and by the slice, and compares every question. The bytes of the slice, where something was
/// filed.
fn same_either_way(policies: &Policies, wish: &Wish) -> Option<usize> {
    let whole = wish.indexed();
    let (route, asked) = file(policies, wish, whole, &wish.provisions);
    let route = route.ok()?;
    let filing = Filing {
        catalog: whole,
        ..wish.filing()
    };
    let slice = filing.slice(&wish.case, &subjects(wish), &wish.history, &route);
    let (slice, bytes) = recorded(&slice);
    let provisions = ProvisionsRead::of(&wish.provisions, &slice).provisions();
    let (again, asked_again) = file(policies, wish, &Indexed::of(slice.catalog()), &provisions);
    assert_eq!(again.as_ref(), Ok(&route));
    assert!(asked_again == asked, "another question by the slice");
    deciding_is_the_same(policies, wish, whole, &route);
    Some(bytes)
}

/// Everybody of the catalog who might decide, by the whole catalog and by the slice cut for them; then the activation.
fn deciding_is_the_same(policies: &Policies, wish: &Wish, whole: &Indexed, route: &Route) {
    let request = wish.request_with(route.clone());
    let today = wish.circumstances;
    for id in whole.people.keys().chain(whole.agents.keys()) {
        let (slice, _) = recorded(&whole.slice_to_decide(&request, id));
        let sliced = Indexed::of(slice.catalog());
        let ask = |catalog: &Indexed| {
            let traced = policies.tracing();
            let may = traced.policies().may_decide(catalog, &request, id, today);
            let may_afterwards = traced
                .policies()
                .may_countersign(catalog, &request, id, today);
            (may, may_afterwards, traced.asked())
        };
        assert!(ask(whole) == ask(&sliced), "{id} by the slice");
    }
    let mut people: Vec<&str> = Vec::new();
    for step in &route.steps {
        let free = step.approvers.iter().map(PrincipalId::as_str);
        let mut free = free.filter(|it| !people.contains(it));
        let by = free.next();
        people.extend(by);
    }
    let request = approved(request, &people);
    let filing = Filing::again(whole, &wish.provisions, &request, today);
    let (slice, _) = recorded(&filing.slice_to_activate(&request, &wish.case));
    let sliced = Indexed::of(slice.catalog());
    let provisions = ProvisionsRead::of(&wish.provisions, &slice).provisions();
    let ask = |catalog: &Indexed, provisions: &Provisions| {
        let filing = Filing::again(catalog, provisions, &request, today);
        let traced = policies.tracing();
        let may = traced
            .policies()
            .may_activate(&filing, &request, &wish.case);
        (may, traced.asked())
    };
    assert!(
        ask(whole, &wish.provisions) == ask(&sliced, &provisions),
        "activation by the slice"
    );
}

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![Just(Tier::Low), Just(Tier::Standard), Just(Tier::Regulated)]
}

const OPERATIONS: [&str; 4] = [
    "billing/invoice.read",
    "billing/invoice.resend",
    "crm/contact.read",
    "wiki/page.read",
];

prop_compose! {
    fn any_wish()(
        who in prop_oneof![Just("alice"), Just("ann"), Just("aida"), Just("mia"), Just("petra")],
        in_stead in prop::option::of(prop_oneof![Just("olga"), Just("mia"), Just("alice")]),
        asked in prop::collection::btree_set(0..OPERATIONS.len(), 1..=OPERATIONS.len()),
        tiers in [tier(), tier(), tier()],
        break_glass in any::<bool>(),
        has_many in any::<bool>(),
        opened_by in prop::option::of(prop_oneof![Just("carol"), Just("ann"), Just("prya")]),
        shared in prop::option::of(prop_oneof![Just("oscar"), Just("paul"), Just("sam"), Just("mia")]),
        away in prop::option::of(prop_oneof![Just("petra"), Just("paul"), Just("sam")]),
        denied_by in prop::option::of(prop_oneof![Just("petra"), Just("sam")]),
        crossed in any::<bool>(),
        emergencies in 0_u32..4,
    ) -> Wish {
        let operations: Vec<&str> = asked.into_iter().map(|it| OPERATIONS[it]).collect();
        wish(who, &operations).but(|it| {
            for (id, tier) in ["billing", "crm", "wiki"].into_iter().zip(tiers) {
                it.application(id).tier = tier;
            }
            if has_many {
                for owner in ["oscar", "olga", "paul"] {
                    it.person(owner).roles.extend([Role::Manager, Role::Compliance]);
                }
                it.catalog.eligibilities[0].operations.insert(op("invoice.resend"));
                let everybody = Holder::Vendor("bpo".parse().unwrap());
                let by_vendor = Eligibility { id: "bpo".to_owned(), holder: everybody, ..it.catalog.eligibilities[0].clone() };
                it.catalog.eligibilities.push(by_vendor);
            }
            if let Some(requester) = in_stead {
                it.requester = p(requester);
                it.person(requester).roles.insert(Role::Support);
            }
            if let Some(other) = shared {
                // Somebody entered twice: an account of theirs is the desk's account of whoever asks.
                let account = Account { system: "desk".to_owned(), id: who.to_owned() };
                it.person(other).accounts.push(account);
            }
            if let Some(person) = away {
                let absence = Absence {
                    person: p(person),
                    from: TODAY,
                    until: TODAY,
                    deputy: Some(p("prya")),
                    at: Timestamp::UNIX_EPOCH,
                    is_ended: false,
                };
                it.provisions.absences.insert(p(person), absence);
            }
            it.catalog.break_glass[0].applications.extend([app("crm"), app("wiki")]);
            it.break_glass = break_glass;
            it.case.opened_by = opened_by.map(str::to_owned);
            it.history.earlier_decider = denied_by.map(p);
            it.history.emergencies_in_30_days = emergencies;
            if crossed {
                it.history.crossed = [app("crm")].into();
            }
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r23_every_question_is_the_same_by_the_slice_as_by_the_whole_catalog(wish in any_wish()) {
        let named = with_rules(
            "@id(\"not-olga\") @because(\"Olga decides nothing.\")
             forbid (principal == Locum::Person::\"olga@corp.example\", action == Locum::Action::\"approve\", resource);",
        );
        for policies in [&*GUARDRAILS, &with_rules(HOUSE_RULES), &named] {
            same_either_way(policies, &wish);
        }
    }
}

/// A house of ten thousand people with forty managers and a thousand eligibilities.
fn large() -> Catalog {
    let mut catalog = catalog();
    for number in 0..10_000 {
        let id: PrincipalId = format!("person.{number:05}@corp.example").parse().unwrap();
        let role = if number % 250 == 0 {
            Role::Manager
        } else {
            Role::Support
        };
        let person = Person {
            id: id.clone(),
            name: format!("Person {number}"),
            roles: [role].into(),
            accounts: vec![Account {
                system: "desk".to_owned(),
                id: format!("u{number}"),
            }],
            ..catalog.people[&p("oscar")].clone()
        };
        catalog.people.insert(id, person);
    }
    for number in 0..1_000 {
        let person = format!("person.{number:05}@corp.example").parse().unwrap();
        let eligibility = Eligibility {
            id: format!("eligibility-{number}"),
            holder: Holder::Person(person),
            ..catalog.eligibilities[0].clone()
        };
        catalog.eligibilities.push(eligibility);
    }
    catalog
}

#[test]
fn r23_the_facts_of_a_filing_are_small_however_large_the_catalog_is() {
    let operations = ["billing/invoice.read", "crm/contact.read", "wiki/page.read"];
    let one = same_either_way(&GUARDRAILS, &wish("ann", &operations[1..2]));
    let three = same_either_way(&GUARDRAILS, &wish("alice", &operations));
    let in_large = |of: &[&str]| {
        let wish = wish("alice", of).but(|it| it.catalog = large());
        let whole = wish.indexed();
        let (route, _) = file(&GUARDRAILS, &wish, whole, &wish.provisions);
        let filing = Filing {
            catalog: whole,
            ..wish.filing()
        };
        let slice = filing.slice(&wish.case, &subjects(&wish), &wish.history, &route.unwrap());
        json_canon(&slice).len()
    };
    let sizes = [
        one.unwrap(),
        three.unwrap(),
        in_large(&operations[1..2]),
        in_large(&operations),
    ];
    println!(
        "bytes of a slice: example {} and {}, large {} and {}",
        sizes[0], sizes[1], sizes[2], sizes[3]
    );
    // Forty managers may decide on the crossing, and each of them is a fact.
    assert!(
        sizes[0] < 2_000 && sizes[1] < 3_500 && sizes[2] < 2_000 && sizes[3] < 10_000,
        "{sizes:?}"
    );
}
