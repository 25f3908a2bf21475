//! What holds for every filing.

use std::collections::BTreeSet;

use locum_domain::Route;
use locum_domain::catalog::{DataClass, Role, Tier};
use proptest::prelude::*;

use crate::house::*;

const OPERATIONS: [&str; 4] = [
    "billing/invoice.read",
    "billing/invoice.resend",
    "crm/contact.read",
    "wiki/page.read",
];

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![Just(Tier::Low), Just(Tier::Standard), Just(Tier::Regulated)]
}

prop_compose! {
    /// Somebody of the house asks for something, with whatever history, of applications of whatever tier.
    fn any_wish()(
        who in prop_oneof![Just("alice"), Just("ann"), Just("aida"), Just("mia"), Just("petra")],
        asked in prop::collection::btree_set(0..OPERATIONS.len(), 1..=OPERATIONS.len()),
        tiers in [tier(), tier(), tier()],
        finance in any::<bool>(),
        break_glass in any::<bool>(),
        minutes_in_24h in 0_u32..500,
        emergencies in 0_u32..4,
        age in prop::option::of(0_u32..40),
        opened_by in prop::option::of(prop_oneof![Just("carol"), Just("ann"), Just("sam")]),
    ) -> Wish {
        let operations: Vec<&str> = asked.into_iter().map(|it| OPERATIONS[it]).collect();
        wish(who, &operations).but(|it| {
            for (id, tier) in ["billing", "crm", "wiki"].into_iter().zip(tiers) {
                it.application(id).tier = tier;
            }
            if finance {
                it.application("wiki").data.insert(DataClass::Finance);
            }
            // Enough people that a route exists more often than not.
            for owner in ["oscar", "olga"] {
                it.person(owner).roles.extend([Role::Manager, Role::Compliance]);
            }
            it.catalog.break_glass[0].applications.extend([app("crm"), app("wiki")]);
            it.break_glass = break_glass;
            it.case.opened_by = opened_by.map(str::to_owned);
            it.history.minutes_in_24h = minutes_in_24h;
            it.history.emergencies_in_30_days = emergencies;
            it.history.case_age_days = age;
        })
    }
}

fn steps(route: &Route) -> BTreeSet<(String, Option<String>)> {
    let step = |it: &locum_domain::route::Step| {
        let application = it.application.as_ref().map(ToString::to_string);
        (it.authority.as_str().to_owned(), application)
    };
    route.steps.iter().map(step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r12_asking_for_more_never_removes_a_step(wish in any_wish(), more in 0..OPERATIONS.len()) {
        let (application, operation) = OPERATIONS[more].split_once('/').unwrap();
        let wider = wish.clone().but(|it| {
            it.scope.0.entry(app(application)).or_default().insert(op(operation));
        });
        if let (Ok(narrow), Ok(wide)) = (wish.route(&GUARDRAILS), wider.route(&GUARDRAILS)) {
            prop_assert!(steps(&narrow).is_subset(&steps(&wide)));
            prop_assert!(wide.decide_within <= narrow.decide_within);
            prop_assert!(wide.idle_within <= narrow.idle_within);
            prop_assert!(wide.review_within_days <= narrow.review_within_days);
        }
    }

    #[test]
    fn r05_a_route_names_nobody_who_asks_acts_or_sponsors(wish in any_wish()) {
        if let Ok(route) = wish.route(&GUARDRAILS) {
            prop_assert!(!route.steps.is_empty());
            let sponsors = [&wish.requester, &wish.actor].map(|it| wish.catalog.sponsor_of(it));
            for person in route.steps.iter().flat_map(|it| &it.approvers) {
                prop_assert!(person != &wish.requester && person != &wish.actor);
                prop_assert!(!sponsors.contains(&Some(person)));
                prop_assert!(wish.catalog.people.contains_key(person));
            }
        }
    }

    #[test]
    fn r06_whoever_a_route_names_may_decide_and_nobody_else(wish in any_wish()) {
        if let Ok(route) = wish.route(&GUARDRAILS) {
            let request = wish.request_with(route);
            for person in wish.catalog.people.keys().chain(wish.catalog.agents.keys()) {
                let named: BTreeSet<usize> = request.route.steps.iter().enumerate()
                    .filter(|(_, step)| step.approvers.contains(person))
                    .map(|(index, _)| index)
                    .collect();
                let may = GUARDRAILS.may_decide(wish.indexed(), &request, person, NOON);
                let may: BTreeSet<usize> = may.map(|it| it.into_keys().collect()).unwrap_or_default();
                prop_assert_eq!(named, may, "{}", person);
            }
        }
    }
}
