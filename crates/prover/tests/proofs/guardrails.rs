//! No guardrail can go, or be forgotten, without a promise being refuted.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{ActionConstraint, Effect};
use locum_prover::Verdict;

use crate::harness::*;

/// Each guardrail, and what is refuted without it. Locum permits nothing to agents that people approve with, so that
/// `guard-human-approver` is missed only beside a permit of an operator: `mutants.rs` has one.
const KEEPS: &str = "
guard-active-approver: never-approved-by-the-inactive
guard-active-person: never-asked-by-the-unnamed, never-asked-by-the-inactive
guard-active-reviewer: never-reviewed-by-the-unnamed-or-inactive
guard-approvals-complete: never-begun-unapproved
guard-authority-in-third-emergency: never-the-third-emergency-by-another-role
guard-authority-of-break-glass: never-an-emergency-off-the-list, never-an-emergency-by-a-vendor
guard-authority-of-delegate: never-a-delegate-out-of-force
guard-authority-of-manager: never-a-crossing-without-its-authority
guard-authority-of-owner: never-an-owner-without-the-application
guard-authority-of-security: never-a-second-authority-without-its-role
guard-break-glass: never-an-emergency-without-a-person
guard-case-assignee: never-on-somebody-elses-case
guard-case-open: never-without-an-open-case
guard-case-origin-unknown: never-trusted-without-an-opener
guard-case-subject: never-about-another-subject
guard-closed-operation: never-a-closed-operation
guard-conflict-actor: never-approved-by-the-actor
guard-conflict-assignee: never-approved-by-the-assignee
guard-conflict-opener: never-approved-by-the-opener
guard-conflict-sponsor: never-approved-by-the-sponsor
guard-conflict-subject: never-approved-by-the-subject
guard-crossing: never-an-emergency-that-writes-alone, never-across-applications-without-a-manager
guard-daily-ceiling: never-chained-without-the-next-authority
guard-delegate-decides: never-without-a-delegate, never-an-emergency-that-writes-alone
guard-duration-ceiling: never-longer-than-the-tier
guard-duration-of-eligibility: never-longer-than-the-eligibility
guard-duration-of-emergency: never-a-long-emergency, never-beyond-the-emergency-ceiling
guard-eligibility: never-beyond-the-eligibility
guard-eligibility-agent: never-an-agent-without-its-name
guard-eligibility-application: never-eligible-in-another-application
guard-eligibility-certified: never-eligible-uncertified
guard-eligibility-holder: never-eligible-through-others
guard-eligibility-operation: never-eligible-for-another-operation
guard-expiry: never-without-an-end
guard-human-approver:
guard-human-reviewer: never-reviewed-by-a-machine
guard-involved-reviewer: never-reviewed-by-whoever-took-part, never-reviewed-by-an-approver
guard-named-person: never-approved-by-the-unnamed
guard-nested-session: never-asked-from-within-a-session
guard-old-case: never-on-an-old-case-without-the-next-authority
guard-own-people: never-as-our-own-people
guard-owner-decides: never-without-its-owner, never-an-emergency-that-writes-alone
guard-protected-subject: never-as-a-protected-subject, never-as-a-subject-who-might-be-protected
guard-refiled: never-refiled-past-the-denial
guard-review-overdue: never-asked-with-a-review-overdue
guard-self-approval: never-approved-by-the-requester
guard-self-made-case: never-trusted-when-self-made
guard-self-set-subject: never-trusted-when-self-aimed
guard-sponsored-agent: never-asked-by-the-inactive, never-an-agent-without-its-sponsor
guard-subject-tenant: never-in-another-tenant
guard-third-emergency: never-the-third-emergency-without-security
guard-two-people: never-an-emergency-that-writes-alone, never-sensitive-without-a-second-authority
guard-unconfirmed-case: never-self-made-without-the-next-authority
";

fn keeps() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    KEEPS
        .trim()
        .lines()
        .map(|line| {
            let (guardrail, promises) = line.split_once(':').unwrap();
            let promises = promises.split(',').map(str::trim);
            (guardrail, promises.filter(|it| !it.is_empty()).collect())
        })
        .collect()
}

/// The promises that are refuted when some guardrail goes.
pub(crate) fn planted() -> impl Iterator<Item = &'static str> {
    keeps().into_values().flatten()
}

/// Removes one guardrail of each action at a time: what one action allows is nothing to another.
fn removed_one_by_one(part: usize, of: usize) {
    let Some(solver) = cvc5() else { return };
    let keeps = keeps();
    let policies = policies("");
    let mut of_action: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for policy in policies.set().policies() {
        if policy.effect() == Effect::Forbid {
            let ActionConstraint::Eq(action) = policy.action_constraint() else {
                panic!("a guardrail of several actions: {policy}");
            };
            let guardrails = of_action.entry(action.to_string()).or_default();
            guardrails.push(policy.id().to_string());
        }
    }
    let known: BTreeSet<&str> = of_action.values().flatten().map(String::as_str).collect();
    assert_eq!(
        known,
        keeps.keys().copied().collect(),
        "the table is not of this set"
    );
    let rounds = of_action.values().map(Vec::len).max().unwrap();
    for round in (0..rounds).filter(|round| round % of == part) {
        let gone = of_action.values_mut().filter_map(|guardrails| {
            guardrails.sort();
            guardrails.get(round).map(String::as_str)
        });
        let gone: Vec<&str> = gone.collect();
        let proof = attempt(&policies, &without(&policies, &gone), &solver).unwrap();
        let refuted: BTreeSet<&str> = gone.iter().flat_map(|it| keeps[it].clone()).collect();
        let found: BTreeSet<&str> = proof.open().map(|it| it.id.as_str()).collect();
        assert_eq!(found, refuted, "without {gone:?}");
        for finding in proof.open() {
            assert_eq!(finding.verdict, Verdict::Refuted, "{finding:?}");
            let example = finding.counter_example.as_ref().unwrap();
            assert_eq!(finding.rules, example.allowed_by);
            assert!(
                finding.rules.iter().all(|it| it.starts_with("locum-")),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn r03_to_r31_no_guardrail_goes_unmissed_part_1() {
    removed_one_by_one(0, 4);
}

#[test]
fn r03_to_r31_no_guardrail_goes_unmissed_part_2() {
    removed_one_by_one(1, 4);
}

#[test]
fn r03_to_r31_no_guardrail_goes_unmissed_part_3() {
    removed_one_by_one(2, 4);
}

#[test]
fn r03_to_r31_no_guardrail_goes_unmissed_part_4() {
    removed_one_by_one(3, 4);
}
