//! What holds of any request whatever: drawn at random from more than the examination lists, which takes no three
//! things at once that it does not have to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use locum_domain::{Authority, Route};
use locum_policy::Policies;
use locum_policy::abstraction::{
    Asker, CaseOrigin, Does, Kind, Past, People, Routing, Situation, World,
};
use proptest::prelude::*;

static GUARDRAILS: LazyLock<Policies> = LazyLock::new(|| Policies::load(&BTreeMap::new()).unwrap());

fn any_of<T: Clone + std::fmt::Debug + 'static>(
    all: impl IntoIterator<Item = T>,
) -> impl Strategy<Value = T> {
    prop::sample::select(all.into_iter().collect::<Vec<T>>())
}

prop_compose! {
    /// One or two applications of any kind, whoever asks for whatever, whatever happened before and whoever is there.
    fn any_situation()(
        mut applications in prop::collection::vec(any_of(Kind::all()), 1..=2),
        is_emergency in any::<bool>(),
        asker in any_of(Asker::ALL),
        does in any_of(Does::ALL),
        case in any_of(CaseOrigin::ALL),
        past in any_of(Past::all()),
        people in any_of(People::ALL),
    ) -> Situation {
        applications.sort();
        Situation { applications, is_emergency, asker, does, case, past, people }
    }
}

/// Conditions of a rule about each action, to be put together.
const CONDITIONS: [(&str, &[&str]); 6] = [
    (
        "ask",
        &[
            "principal is Locum::Agent",
            r#"context.operation == "write""#,
            "resource.longest_minutes > 60",
            r#"context.application.tier == "low""#,
        ],
    ),
    (
        "file",
        &[
            "principal is Locum::Agent",
            "context.break_glass",
            r#"context.effects.contains("write")"#,
            r#"resource.data.contains("finance")"#,
            "context.duration_minutes > 15",
        ],
    ),
    (
        "cite",
        &[
            "principal is Locum::Person",
            "resource has opened_by",
            "resource.open",
        ],
    ),
    (
        "trust-origin",
        &[
            "principal is Locum::Agent",
            "resource has subject_set_by",
            "resource has opened_by",
        ],
    ),
    (
        "go-without",
        &[
            r#"resource == Locum::Authority::"next-authority""#,
            r#"resource == Locum::Authority::"break-glass""#,
            r#"resource == Locum::Authority::"manager-or-security-control-owner""#,
            "context.break_glass",
            "context.crossed > 1",
            r#"context.tiers.contains("regulated")"#,
            "context.unconfirmed_case",
        ],
    ),
    (
        "approve",
        &[
            r#"principal in Locum::Role::"privacy""#,
            r#"principal in Locum::Role::"manager""#,
            r#"context.authority == Locum::Authority::"application-owner""#,
            "context has application",
            "resource.break_glass",
        ],
    ),
];

prop_compose! {
    /// One more `forbid`, about one action, under one or two conditions that hold or do not.
    fn any_forbid()(
        (action, conditions) in any_of(CONDITIONS),
        chosen in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..=2),
    ) -> String {
        let mut rule = format!("forbid (principal, action == Locum::Action::\"{action}\", resource)");
        for (index, holds) in chosen {
            let word = if holds { "when" } else { "unless" };
            rule.push_str(&format!(" {word} {{ {} }}", index.get(conditions)));
        }
        rule.push(';');
        rule
    }
}

/// Each step but for whom it names.
fn steps(route: &Route) -> BTreeSet<(Authority, Option<String>)> {
    let application =
        |step: &locum_domain::route::Step| step.application.as_ref().map(ToString::to_string);
    let steps = route.steps.iter();
    steps
        .map(|step| (step.authority, application(step)))
        .collect()
}

/// Whether nothing lasts longer on the one than on the other.
fn is_as_short(strict: &Route, mild: &Route) -> bool {
    strict.longest <= mild.longest
        && strict.decide_within <= mild.decide_within
        && strict.activate_within <= mild.activate_within
        && strict.idle_within <= mild.idle_within
        && strict.review_within_days <= mild.review_within_days
}

fn route(of: &dyn Routing, situation: &Situation) -> Option<Route> {
    of.route(&World::of(situation)).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r12_a_more_sensitive_application_never_needs_fewer_approvals_nor_gets_more_time(
        situation in any_situation(),
        more in any_of(Kind::all()),
    ) {
        let mut stricter = situation.clone();
        // The first application becomes one that is at least as sensitive in everything.
        let first = &situation.applications[0];
        let tier = first.tier.max(more.tier);
        let data = first.data.union(&more.data).copied();
        let raised = Kind::new(tier, data);
        prop_assume!(Kind::all().contains(&raised));
        prop_assert!(raised.is_as_sensitive_as(first));
        stricter.applications[0] = raised;
        stricter.applications.sort();
        if let (Some(mild), Some(strict)) =
            (route(&*GUARDRAILS, &situation), route(&*GUARDRAILS, &stricter))
        {
            prop_assert!(strict.steps.len() >= mild.steps.len(), "{strict:#?} for {mild:#?}");
            prop_assert!(is_as_short(&strict, &mild), "{strict:#?} for {mild:#?}");
        }
    }

    #[test]
    fn r05_no_route_names_the_requester_or_whoever_else_has_a_part_in_it(
        situation in any_situation(),
    ) {
        let world = World::of(&situation);
        if let Ok(route) = Routing::route(&*GUARDRAILS, &world) {
            for step in route.steps.iter().chain(&route.afterwards) {
                prop_assert!(!step.approvers.contains(&world.requester), "{step:#?}");
                let party = step.approvers.iter().find(|it| world.parties.contains(*it));
                prop_assert_eq!(party, None, "{:#?}", step);
            }
        }
    }

    #[test]
    fn r12_one_more_guardrail_never_opens_anything(
        situation in any_situation(),
        forbid in any_forbid(),
    ) {
        let more = GUARDRAILS.with(&forbid).unwrap();
        if let Some(after) = route(&*more, &situation) {
            let before = route(&*GUARDRAILS, &situation);
            prop_assert!(before.is_some(), "refused without {forbid}");
            let before = before.unwrap();
            prop_assert!(steps(&after).is_superset(&steps(&before)), "{forbid}: {after:#?}");
            prop_assert!(is_as_short(&after, &before), "{forbid}: {after:#?}");
        }
    }
}

#[test]
fn every_rule_that_is_drawn_is_one() {
    for (action, conditions) in CONDITIONS {
        let mut rules = String::new();
        for (at, condition) in conditions.iter().enumerate() {
            rules.push_str(&format!(
                "@id(\"one-more-{at}\") forbid (principal, action == Locum::Action::\"{action}\", resource) \
                 when {{ {condition} }};\n"
            ));
        }
        let files = BTreeMap::from([("policies/more.cedar".to_owned(), rules)]);
        Policies::load(&files).unwrap();
    }
}
