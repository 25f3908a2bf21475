//! Real guardrails that go one at a time, and the promise about routes that notices it. Of what two guardrails or the
//! program's own code keep as well, nothing is missed here: `crates/prover` has every guardrail, and
//! `tests/abstraction` a fault for every promise.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{PolicyId, PolicySet};
use locum_domain::catalog::Tier;

use super::{Extent, Kind, Part, Situation};
use crate::policies::Policies;

/// Each guardrail, the part of the examination, and what is missed in it.
const MISSED: [(&str, Part, &str); 16] = [
    ("guard-owner-decides", Part::Routes, "always-an-approval"),
    (
        "guard-delegate-decides",
        Part::Routes,
        "always-each-application-by-its-own",
    ),
    (
        "guard-crossing",
        Part::Routes,
        "always-a-manager-on-a-crossing",
    ),
    (
        "guard-two-people",
        Part::Routes,
        "always-two-authorities-on-sensitive-data",
    ),
    (
        "guard-break-glass",
        Part::Routes,
        "always-a-named-person-in-an-emergency",
    ),
    (
        "guard-authority-of-break-glass",
        Part::Routes,
        "always-a-named-person-in-an-emergency",
    ),
    (
        "guard-third-emergency",
        Part::Routes,
        "always-security-in-the-third-emergency",
    ),
    (
        "guard-authority-in-third-emergency",
        Part::Routes,
        "always-security-in-the-third-emergency",
    ),
    (
        "guard-daily-ceiling",
        Part::Routes,
        "always-higher-for-chains-and-doubtful-cases",
    ),
    (
        "guard-old-case",
        Part::Routes,
        "always-higher-for-chains-and-doubtful-cases",
    ),
    (
        "guard-unconfirmed-case",
        Part::Routes,
        "always-higher-for-chains-and-doubtful-cases",
    ),
    (
        "guard-self-approval",
        Part::Routes,
        "never-a-party-on-the-route",
    ),
    (
        "guard-conflict-sponsor",
        Part::Routes,
        "never-a-party-on-the-route",
    ),
    (
        "guard-active-approver",
        Part::Routes,
        "always-a-person-for-each-step",
    ),
    (
        "guard-approvals-complete",
        Part::Beginning,
        "never-begun-by-fewer-people-than-steps",
    ),
    (
        "guard-case-open",
        Part::ClosedCases,
        "never-on-a-closed-case",
    ),
];

fn extent() -> Extent {
    let mut extent = Extent::few();
    let low = Kind::new(Tier::Low, []);
    extent.situations.push(Situation::ordinary(low));
    extent
}

/// What does not hold without this guardrail, or with every one.
fn missed(gone: Option<&str>, part: Part) -> BTreeSet<&'static str> {
    let whole = Policies::load(&BTreeMap::new()).unwrap();
    let gone = gone.map(PolicyId::new);
    let kept = whole.set().policies();
    let kept = kept.filter(|it| Some(it.id()) != gone.as_ref()).cloned();
    let kept = PolicySet::from_policies(kept).unwrap();
    let all = whole.set().policies().count();
    assert_eq!(kept.policies().count(), all - usize::from(gone.is_some()));
    let found = part.examine(&whole.with_set(kept), &extent(), |_, _| {});
    let open = found.iter().filter(|it| !it.holds());
    open.map(|it| it.promise.id).collect()
}

#[test]
fn r05_to_r11_with_every_guardrail_nothing_is_missed() {
    for part in [Part::Routes, Part::Beginning, Part::ClosedCases] {
        assert_eq!(missed(None, part), BTreeSet::new());
    }
}

#[test]
fn r02_to_r16_a_guardrail_that_goes_is_missed_on_some_route() {
    for (gone, part, promise) in MISSED {
        let found = missed(Some(gone), part);
        assert!(found.contains(promise), "without {gone}: {found:?}");
    }
}
