//! A set that allows nothing keeps every promise. It is not called proved.

use cedar_policy::{Effect, PolicySet};
use locum_prover::Verdict;

use crate::harness::*;

/// The promises that something stays possible which are not kept, each with the rules in the way.
fn in_the_way(rules: &str) -> Option<Vec<(String, Vec<String>)>> {
    let solver = cvc5()?;
    let policies = policies(rules);
    let proof = attempt(&policies, policies.set(), &solver).unwrap();
    assert!(!proof.proved);
    let of = |it: &locum_prover::Finding| {
        assert_eq!(it.verdict, Verdict::Refuted, "{it:?}");
        assert!(it.because.as_ref().unwrap().ends_with(" it to everybody"));
        (it.id.clone(), it.rules.clone())
    };
    Some(proof.open().map(of).collect())
}

fn one(promise: &str, rules: &[&str]) -> Vec<(String, Vec<String>)> {
    let rules = rules.iter().map(|&it| it.to_owned()).collect();
    vec![(promise.to_owned(), rules)]
}

#[test]
fn a_rule_that_forbids_everything_is_named() {
    let found = in_the_way(
        r#"@id("harmless") forbid (principal, action == Locum::Action::"file", resource)
        when { context.local_hour == 3 };
        @id("nobody-asks") forbid (principal, action == Locum::Action::"file", resource);"#,
    );
    assert!(found.is_none_or(|it| it == one("possible-to-ask", &["nobody-asks"])));
}

#[test]
fn two_rules_that_forbid_everything_together_are_both_named() {
    let found = in_the_way(
        r#"@id("mornings") forbid (principal, action == Locum::Action::"cite", resource)
        when { context.local_hour < 12 };
        @id("evenings") forbid (principal, action == Locum::Action::"cite", resource)
        when { context.local_hour >= 12 };"#,
    );
    assert!(found.is_none_or(|it| it == one("possible-to-cite-a-case", &["evenings", "mornings"])));
}

#[test]
fn a_rule_that_contradicts_a_guardrail_is_named_first_and_the_guardrail_with_it() {
    let found = in_the_way(
        r#"@id("only-strangers") forbid (principal is Locum::Person, action == Locum::Action::"review", resource)
        when { principal.named };"#,
    );
    assert!(found.is_none_or(|it| it
        == one(
            "possible-to-review",
            &["only-strangers", "guard-active-reviewer"]
        )));
}

#[test]
fn r10_an_authority_that_nobody_can_use_is_named() {
    let found = in_the_way(
        r#"@id("no-delegates") forbid (principal, action == Locum::Action::"approve", resource)
        when { context.authority == Locum::Authority::"delegate" };"#,
    );
    assert!(found.is_none_or(|it| it == one("possible-to-approve-as-delegate", &["no-delegates"])));
}

/// Every promise that something stays possible: each is refuted by a rule against everything.
pub(crate) fn possible() -> Vec<String> {
    let all = locum_prover::properties().unwrap().into_iter();
    all.filter(|it| it.claim == locum_prover::Claim::Possible)
        .map(|it| it.id)
        .collect()
}

#[test]
fn a_rule_against_everything_is_named_for_every_action() {
    let Some(found) = in_the_way(r#"@id("closed-down") forbid (principal, action, resource);"#)
    else {
        return;
    };
    let named: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    let possible = possible();
    assert_eq!(
        named,
        possible.iter().map(String::as_str).collect::<Vec<_>>()
    );
    assert!(
        found.iter().all(|(_, rules)| rules == &["closed-down"]),
        "{found:?}"
    );
}

#[test]
fn a_set_that_permits_nothing_is_not_called_proved() {
    let Some(solver) = cvc5() else { return };
    let policies = policies("");
    let forbids = policies.set().policies();
    let forbids = forbids.filter(|it| it.effect() == Effect::Forbid).cloned();
    let set = PolicySet::from_policies(forbids).unwrap();
    let proof = attempt(&policies, &set, &solver).unwrap();
    let asking = finding(&proof, "possible-to-ask");
    assert_eq!(asking.verdict, Verdict::Refuted);
    assert_eq!(asking.rules, Vec::<String>::new());
    assert_eq!(
        asking.because.as_deref(),
        Some("no rule permits it to anybody")
    );
}

/// The promise that the next test refutes.
pub(crate) const SOUND: &str = "never-a-rule-that-fails";

#[test]
fn r17_a_rule_that_may_fail_is_named_with_a_request_on_which_it_does() {
    let Some(solver) = cvc5() else { return };
    let policies = policies(
        r#"@id("breaks") forbid (principal, action == Locum::Action::"file", resource)
        when { context.local_hour * 9223372036854775807 > 9223372036854775807 };
        @id("holds") forbid (principal, action == Locum::Action::"file", resource)
        when { context.duration_minutes * 60 > 36000 };"#,
    );
    let proof = attempt(&policies, policies.set(), &solver).unwrap();
    assert_eq!(open(&proof), [(SOUND, Verdict::Refuted)]);
    let failing = finding(&proof, SOUND);
    assert_eq!(failing.rules, ["breaks"]);
    let example = failing.counter_example.as_ref().unwrap();
    assert!(
        example
            .sentence
            .ends_with("asks for access to an application")
    );
    assert_eq!(example.facts.len(), 1);
    assert_eq!(example.facts[0].of, "the local hour");
}
