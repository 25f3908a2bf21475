//! What holds for the difference of any two houses.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::Denial;
use locum_domain::Minutes;
use locum_domain::catalog::*;
use locum_policy::Policies;
use locum_policy::plan::{AccessChange, Computed, Reach, Urgency, Verdict};
use proptest::prelude::*;

use super::{House, house, planned};
use crate::house::*;

/// An edit that somebody might make.
type Edit = (&'static str, fn(&mut House));

const EDITS: [Edit; 22] = [
    ("mia supports", |it| {
        it.person("mia").roles.insert(Role::Support);
    }),
    ("alice does not support", |it| {
        it.person("alice").roles.clear();
    }),
    ("ann is ours", |it| it.person("ann").employer = None),
    ("ben left", |it| it.person("ben").is_active = false),
    ("oscar left", |it| it.person("oscar").is_active = false),
    ("sam left", |it| it.person("sam").is_active = false),
    ("petra supports", |it| {
        it.person("petra").roles.insert(Role::Support);
    }),
    ("petra owns billing", |it| {
        it.application("billing").owner = p("petra")
    }),
    ("alice owns the wiki", |it| {
        it.application("wiki").data_owner = Some(p("alice"))
    }),
    ("billing is standard", |it| {
        it.application("billing").tier = Tier::Standard
    }),
    ("crm is low", |it| it.application("crm").tier = Tier::Low),
    ("wiki holds health data", |it| {
        let wiki = it.application("wiki");
        wiki.tier = Tier::Standard;
        wiki.data.insert(DataClass::Health);
    }),
    ("reads for 45 minutes", |it| {
        it.eligibility("support-reads").longest = Minutes(45)
    }),
    ("resends for all", |it| {
        it.eligibility("alice-resends").holder = Holder::Role(Role::Support)
    }),
    ("reads for the vendor's", |it| {
        it.eligibility("support-reads").holder = Holder::Vendor("bpo".parse().unwrap());
    }),
    ("resending reads", |it| {
        let billing = it.application("billing");
        billing
            .operations
            .get_mut(&op("invoice.resend"))
            .unwrap()
            .effect = Effect::Read;
    }),
    ("resending is closed", |it| {
        let billing = it.application("billing");
        billing
            .operations
            .get_mut(&op("invoice.resend"))
            .unwrap()
            .closed = Some("money".into());
    }),
    ("alice is oscar too", |it| {
        let account = it.person("oscar").accounts[0].clone();
        it.person("alice").accounts.push(account);
    }),
    ("sam answers too", |it| {
        it.catalog.break_glass.push(BreakGlass {
            person: p("sam"),
            applications: BTreeSet::from([app("crm"), app("billing"), app("wiki")]),
        });
    }),
    ("petra sponsors the vendor", |it| {
        it.catalog
            .vendors
            .values_mut()
            .for_each(|it| it.sponsor = p("petra"));
    }),
    ("petra sponsors the agent", |it| {
        it.catalog
            .agents
            .values_mut()
            .for_each(|it| it.sponsor = p("petra"));
    }),
    ("mia is out of the way", |it| it.person("mia").roles.clear()),
];

const RULES: [&str; 8] = [
    "forbid (principal in Locum::Role::\"manager\", action == Locum::Action::\"file\", resource);",
    "forbid (principal is Locum::Person, action == Locum::Action::\"file\", resource) when { resource.owner == principal };",
    "forbid (principal == Locum::Person::\"ann@bpo.example\", action, resource);",
    "forbid (principal, action == Locum::Action::\"file\", resource) when { context.effects.contains(\"write\") };",
    "forbid (principal, action == Locum::Action::\"file\", resource) when { context.operations.contains(\"invoice.read\") };",
    "forbid (principal is Locum::Person, action == Locum::Action::\"go-without\", resource == Locum::Authority::\"next-authority\") \
     when { principal has employer };",
    "forbid (principal in Locum::Role::\"privacy\", action == Locum::Action::\"approve\", resource);",
    "forbid (principal, action == Locum::Action::\"approve\", resource) when { resource has manager };",
];

fn edited(edits: &BTreeSet<usize>, rules: &BTreeSet<usize>) -> House {
    house().but(|it| {
        for edit in edits {
            (EDITS[*edit].1)(it);
        }
        it.rules = rules
            .iter()
            .map(|at| format!("@id(\"rule-{at}\") {}\n", RULES[*at]))
            .collect();
    })
}

fn any_house() -> impl Strategy<Value = House> {
    let edits = prop::collection::btree_set(0..EDITS.len(), 0..4);
    let rules = prop::collection::btree_set(0..RULES.len(), 0..3);
    (edits, rules).prop_map(|(edits, rules)| edited(&edits, &rules))
}

/// What a request for one operation gets: for how long, by which authorities, or that nobody is left.
type Got = Option<(Option<u32>, BTreeSet<String>)>;

/// Asks policy itself, as filing does, about everybody and everything.
fn asked(house: &House) -> BTreeMap<(String, String, Urgency), Got> {
    let policies: Policies = with_rules(&house.rules);
    let mut asked = BTreeMap::new();
    let people = [
        "alice", "ann", "ben", "bea", "oscar", "petra", "paul", "mia", "sam", "prya", "aida",
    ];
    for who in people {
        for operation in [
            "billing/invoice.read",
            "billing/invoice.resend",
            "crm/contact.read",
            "crm/contact.update",
            "wiki/page.read",
        ] {
            for urgency in [Urgency::Ordinary, Urgency::Emergency] {
                let mut wish = wish(who, &[operation]);
                wish.catalog = house.catalog.clone();
                wish.break_glass = urgency == Urgency::Emergency;
                wish.minutes = 1;
                let got = wish
                    .file(&policies)
                    .ok()
                    .map(|_| match wish.route(&policies) {
                        Ok(route) => {
                            wish.minutes = route.longest.0;
                            assert!(wish.file(&policies).is_ok());
                            let steps = route
                                .steps
                                .iter()
                                .map(|it| it.authority.as_str().to_owned());
                            (Some(route.longest.0), steps.collect())
                        }
                        Err(refusal) => {
                            assert_eq!(refusal.denial, Denial::NoApproverLeft);
                            (None, BTreeSet::new())
                        }
                    });
                let key = (p(who).to_string(), operation.to_owned(), urgency);
                asked.insert(key, got);
            }
        }
    }
    asked
}

/// The same of a plan: what changes today, and into what.
fn changed(computed: &Computed) -> BTreeMap<(String, String, Urgency), (Got, Got)> {
    let mut changed = BTreeMap::new();
    let today = |it: &&AccessChange| it.when.as_ref().is_none_or(|it| it.starts_with("until"));
    for change in computed.access.iter().filter(today) {
        let got = |reach: &Option<Reach>| -> Got {
            reach.as_ref().map(|reach| match reach.nobody_left_for {
                Some(_) => (None, BTreeSet::new()),
                None => {
                    let needs = reach
                        .needs
                        .iter()
                        .map(|it| it.authority.as_str().to_owned());
                    (Some(reach.longest_minutes), needs.collect())
                }
            })
        };
        let pair = (got(&change.before), got(&change.after));
        for operation in &change.operations {
            for who in &change.who {
                let operation = format!("{}/{operation}", change.application);
                changed.insert(
                    (who.id.to_string(), operation, change.urgency),
                    pair.clone(),
                );
            }
        }
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// The table is what asking policy about everybody gives: nobody is left out by being judged together with others.
    #[test]
    fn r33_a_plan_finds_exactly_what_asking_for_everybody_finds(before in any_house(), after in any_house()) {
        let changed = changed(&planned(&before, &after));
        let (old, new) = (asked(&before), asked(&after));
        for (key, was) in &old {
            let is = &new[key];
            match changed.get(key) {
                Some(pair) => prop_assert_eq!(pair, &(was.clone(), is.clone()), "{:?}", key),
                None => prop_assert_eq!(was, is, "{:?}", key),
            }
        }
    }

    #[test]
    fn r33_what_is_gained_one_way_is_lost_the_other_way(before in any_house(), after in any_house()) {
        let there = planned(&before, &after);
        let back = planned(&after, &before);
        let rows = |computed: &Computed, is_it: fn(&AccessChange) -> bool| -> BTreeSet<String> {
            let rows = computed.access.iter().filter(|it| is_it(it));
            rows.map(|it| format!("{:?}", (&it.application, it.urgency, &it.operations, &it.who, &it.when))).collect()
        };
        prop_assert_eq!(rows(&there, AccessChange::is_gain), rows(&back, AccessChange::is_loss));
        prop_assert_eq!(rows(&there, AccessChange::is_loss), rows(&back, AccessChange::is_gain));
        prop_assert_eq!(there.access.len(), back.access.len());
        prop_assert_eq!(there.deciders.len(), back.deciders.len());
    }

    #[test]
    fn r33_no_version_changes_anything_of_itself(it in any_house()) {
        let computed = planned(&it, &it);
        prop_assert!(computed.access.is_empty() && computed.deciders.is_empty() && computed.rules.is_empty());
    }

    #[test]
    fn r33_adding_a_forbid_never_gives_anybody_anything(it in any_house(), rule in 0..RULES.len()) {
        let after = it.clone().but(|it| it.rules.push_str(&format!("@id(\"added\") {}", RULES[rule])));
        let computed = planned(&it, &after);
        prop_assert!(computed.access.iter().all(|it| it.verdict == Verdict::Tightens), "{:?}", computed.access);
        prop_assert!(computed.deciders.iter().all(|it| it.joins.is_empty()));
    }
}
