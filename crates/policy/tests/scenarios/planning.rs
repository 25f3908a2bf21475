//! What another catalog and other rules would change: who gains, who loses, who may decide.

mod everybody;

use std::collections::BTreeSet;

use locum_domain::catalog::*;
use locum_domain::{Catalog, Minutes};
use locum_policy::Indexed;
use locum_policy::plan::{self, AccessChange, Computed, Office, Side, Urgency, Verdict};

use crate::house::*;

/// A catalog and the operator's rules about it.
#[derive(Debug, Clone)]
struct House {
    catalog: Catalog,
    rules: String,
}

fn house() -> House {
    House {
        catalog: catalog(),
        rules: String::new(),
    }
}

impl House {
    fn but(mut self, change: impl FnOnce(&mut House)) -> Self {
        change(&mut self);
        self
    }

    fn person(&mut self, id: &str) -> &mut Person {
        self.catalog.people.get_mut(&p(id)).unwrap()
    }

    fn application(&mut self, id: &str) -> &mut Application {
        self.catalog.applications.get_mut(&app(id)).unwrap()
    }

    fn eligibility(&mut self, id: &str) -> &mut Eligibility {
        let found = self.catalog.eligibilities.iter_mut();
        found.into_iter().find(|it| it.id == id).unwrap()
    }
}

fn planned(before: &House, after: &House) -> Computed {
    let (old, new) = (with_rules(&before.rules), with_rules(&after.rules));
    let catalogs = [before, after].map(|it| Indexed::of(it.catalog.clone()));
    let side = |catalog, policies| Side { catalog, policies };
    plan::compare(
        side(&catalogs[0], &old),
        side(&catalogs[1], &new),
        TODAY,
        &mut |_, _| {},
    )
}

/// What is said about who gains and loses in the ordinary way.
fn said(computed: &Computed) -> Vec<String> {
    let ordinary = computed
        .access
        .iter()
        .filter(|it| it.urgency == Urgency::Ordinary);
    ordinary.flat_map(|it| it.says.clone()).collect()
}

fn decided(computed: &Computed) -> Vec<String> {
    computed
        .deciders
        .iter()
        .flat_map(|it| it.says.clone())
        .collect()
}

#[test]
fn r33_a_version_changes_nothing_of_itself() {
    let it = house().but(|it| it.rules = HOUSE_RULES.to_owned());
    let computed = planned(&it, &it);
    assert!(
        computed.access.is_empty() && computed.deciders.is_empty() && computed.rules.is_empty()
    );
    assert!(computed.troubles.is_empty());
}

#[test]
fn r03_whoever_is_made_eligible_gains_and_who_must_approve_is_said() {
    let after = house().but(|it| {
        it.eligibility("alice-resends").holder = Holder::Role(Role::Support);
    });
    assert_eq!(
        said(&planned(&house(), &after)),
        [
            "ann and ben gain invoice.resend in billing: up to 30 min, decided by application-owner (oscar) and \
             security-or-privacy-or-compliance (sam and prya)"
        ]
    );
}

#[test]
fn r03_whoever_is_no_longer_eligible_loses() {
    let after = house().but(|it| it.catalog.eligibilities.retain(|it| it.id != "aida-triage"));
    let computed = planned(&house(), &after);
    assert_eq!(said(&computed), ["Aida loses contact.read in crm"]);
    assert!(
        computed
            .access
            .iter()
            .all(|it| it.verdict == Verdict::Tightens)
    );
}

#[test]
fn r04_a_longer_eligibility_is_a_gain_and_a_shorter_one_takes_away() {
    let longer = house().but(|it| it.eligibility("aida-triage").longest = Minutes(40));
    let computed = planned(&house(), &longer);
    assert_eq!(
        said(&computed),
        ["Aida may go to 40 min in crm, 15 before (contact.read)"]
    );
    assert!(
        computed
            .access
            .iter()
            .all(|it| it.verdict == Verdict::Loosens)
    );
    let computed = planned(&longer, &house());
    assert_eq!(
        said(&computed),
        ["Aida may only go to 15 min in crm, 40 before (contact.read)"]
    );
    assert!(
        computed
            .access
            .iter()
            .all(|it| it.verdict == Verdict::Tightens)
    );
}

#[test]
fn r04_removing_the_shorter_of_two_eligibilities_is_seen_to_loosen() {
    let short = Eligibility {
        id: "support-reads-briefly".to_owned(),
        longest: Minutes(20),
        ..catalog().eligibilities[0].clone()
    };
    let before = house().but(|it| it.catalog.eligibilities.push(short));
    let computed = planned(&before, &house());
    assert!(said(&computed).contains(
        &"alice, ann and ben may go to 60 min in crm, 20 before (contact.read)".to_owned()
    ));
}

#[test]
fn r12_a_laxer_tier_needs_fewer_people_and_a_stricter_one_more() {
    let lax = house().but(|it| {
        let billing = it.application("billing");
        billing.tier = Tier::Standard;
        billing.data.clear();
    });
    let (there, back) = (planned(&house(), &lax), planned(&lax, &house()));
    let has = |computed: &Computed, words: &str| said(computed).iter().any(|it| it.contains(words));
    assert!(has(
        &there,
        "need no security-or-privacy-or-compliance any more in billing"
    ));
    assert!(has(
        &back,
        "also need security-or-privacy-or-compliance (sam and prya) in billing"
    ));
    assert!(there.access.iter().any(|it| it.verdict == Verdict::Loosens));
    let ordinary = |it: &&AccessChange| it.urgency == Urgency::Ordinary;
    let mut ordinary = back.access.iter().filter(ordinary);
    assert!(ordinary.all(|it| it.verdict == Verdict::Tightens));
}

#[test]
fn r07_another_owner_is_another_decider() {
    let after = house().but(|it| it.application("billing").owner = p("petra"));
    let computed = planned(&house(), &after);
    assert_eq!(
        decided(&computed),
        [
            "petra may now decide as application-owner in billing",
            "oscar may no longer decide as application-owner in billing"
        ]
    );
    assert!(said(&computed).is_empty());
}

#[test]
fn r10_a_delegate_decides_from_the_first_day_to_the_last() {
    let after = house().but(|it| {
        it.application("crm").delegates.push(Delegate {
            person: p("olga"),
            from: Some(jiff::civil::date(2026, 12, 1)),
            until: jiff::civil::date(2026, 12, 10),
            by: p("petra"),
        });
    });
    let computed = planned(&house(), &after);
    assert_eq!(
        decided(&computed),
        ["olga may now decide as application-owner in crm, from 2026-12-01"]
    );
}

#[test]
fn r09_a_role_opens_what_its_holders_decide_see_and_run() {
    let after = house().but(|it| {
        it.person("olga").roles.insert(Role::Security);
    });
    let offices: BTreeSet<Office> = planned(&house(), &after)
        .deciders
        .iter()
        .map(|it| it.office)
        .collect();
    assert_eq!(
        offices,
        BTreeSet::from([
            Office::SecurityOrPrivacyOrCompliance,
            Office::SeesEverything,
            Office::RunsLocum
        ])
    );
}

#[test]
fn r11_the_written_list_is_compared_application_by_application() {
    let after = house().but(|it| {
        it.catalog.break_glass[0].applications.insert(app("crm"));
    });
    let computed = planned(&house(), &after);
    assert_eq!(
        decided(&computed),
        ["oscar may now answer emergencies in crm"]
    );
    let emergency: Vec<String> = computed
        .access
        .iter()
        .flat_map(|it| it.says.clone())
        .collect();
    assert!(
        emergency
            .iter()
            .all(|it| it.starts_with("somebody is there again to decide as break-glass")),
        "{emergency:?}"
    );
    assert!(
        computed
            .access
            .iter()
            .all(|it| it.verdict == Verdict::Loosens)
    );
}

#[test]
fn r05_who_may_decide_for_somebody_in_particular_is_seen_too() {
    // Olga sponsors the agent and owns the desk's tool: she is barred until somebody else sponsors it.
    let before = house().but(|it| it.application("crm").product_owner = Some(p("olga")));
    let after = before.clone().but(|it| {
        it.catalog.agents.get_mut(&p("aida")).unwrap().sponsor = p("mia");
    });
    let computed = planned(&before, &after);
    assert_eq!(
        said(&computed),
        ["olga may now decide what Aida asks for in crm"]
    );
    assert_eq!(computed.access[0].verdict, Verdict::Loosens);
}

#[test]
fn r28_a_later_certification_is_a_gain_from_the_day_the_earlier_one_ends() {
    let after = house().but(|it| {
        it.eligibility("aida-triage").certified_until = jiff::civil::date(2027, 5, 1);
    });
    assert_eq!(
        said(&planned(&house(), &after)),
        [
            "Aida gains contact.read in crm, from 2027-02-16: up to 15 min, decided by application-owner (petra)"
        ]
    );
}

#[test]
fn r33_a_rule_over_the_hour_is_told_with_its_hours() {
    let after = house().but(|it| it.rules = HOUSE_RULES.to_owned());
    let computed = planned(&house(), &after);
    assert_eq!(
        said(&computed),
        ["ann and ben lose invoice.read in billing, at 00:00 to 05:59, 20:00 to 23:59"]
    );
    assert_eq!(computed.rules.len(), 1);
    assert_eq!(computed.rules[0].id, "no-vendor-in-regulated-at-night");
    assert_eq!(computed.rules[0].verdict, Verdict::Tightens);
}

#[test]
fn r33_a_forbid_tightens_its_removal_loosens_and_words_are_neutral() {
    let rule = |because: &str, minutes: u32| {
        house().but(|it| {
            it.rules = format!(
                "@id(\"short\") @because(\"{because}\") forbid (principal, action == Locum::Action::\"file\", \
                 resource) when {{ context.duration_minutes > {minutes} }};"
            );
        })
    };
    let verdict = |before: &House, after: &House| {
        let computed = planned(before, after);
        (computed.rules[0].change.as_str(), computed.rules[0].verdict)
    };
    let (none, half, quarter) = (house(), rule("half an hour", 30), rule("a quarter", 15));
    assert_eq!(verdict(&none, &half), ("added", Verdict::Tightens));
    assert_eq!(verdict(&half, &none), ("removed", Verdict::Loosens));
    assert_eq!(
        verdict(&half, &rule("thirty", 30)),
        ("changed", Verdict::Neutral)
    );
    // It is shorter now, but only a proof shows that; what it does to everybody is computed all the same.
    assert_eq!(verdict(&half, &quarter), ("changed", Verdict::Loosens));
    let computed = planned(&none, &half);
    assert!(
        said(&computed).contains(
            &"alice, ann and ben may only go to 30 min in crm, 60 before (contact.read)".to_owned()
        ),
        "{:?}",
        said(&computed)
    );
}

#[test]
fn r03_a_permit_of_the_operators_opens_nothing() {
    let after = house().but(|it| {
        it.rules =
            "@id(\"everybody\") permit (principal, action == Locum::Action::\"ask\", resource);\n\
                    @id(\"mia\") permit (principal == Locum::Person::\"mia@corp.example\", \
                    action == Locum::Action::\"approve\", resource);"
                .to_owned();
    });
    let computed = planned(&house(), &after);
    assert!(computed.access.is_empty() && computed.deciders.is_empty());
    let verdicts: Vec<(&str, Verdict)> = computed
        .rules
        .iter()
        .map(|it| (it.id.as_str(), it.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [("everybody", Verdict::Neutral), ("mia", Verdict::Loosens)]
    );
}

#[test]
fn r03_everything_is_added_where_nothing_was() {
    let nothing = House {
        catalog: Catalog::default(),
        rules: String::new(),
    };
    let computed = planned(&nothing, &house());
    assert!(computed.access.iter().all(AccessChange::is_gain));
    assert!(computed.deciders.iter().all(|it| it.leaves.is_empty()));
    let back = planned(&house(), &nothing);
    assert!(back.access.iter().all(AccessChange::is_loss));
}
