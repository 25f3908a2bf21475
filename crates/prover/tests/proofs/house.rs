//! What Locum ships is proved.

use std::collections::BTreeSet;

use locum_policy::abstraction::Guarantee;

use crate::harness::*;
use crate::{guardrails, mutants, vacuity};

#[test]
fn r03_to_r31_the_guardrails_and_the_rules_of_every_template_are_proved() {
    let Some(solver) = cvc5() else { return };
    let houses = [
        (
            include_str!("../../../catalog/templates/bare/policies/house.cedar"),
            0,
        ),
        (
            include_str!("../../../catalog/templates/example/policies/house.cedar"),
            1,
        ),
    ];
    for (house, rules) in houses {
        let policies = policies(house);
        let proof = attempt(&policies, policies.set(), &solver).unwrap();
        assert_eq!(open(&proof), []);
        assert!(proof.proved);
        assert_eq!(proof.operators_rules, rules);
        assert_eq!(
            proof.locums_rules + rules,
            policies.set().policies().count()
        );
    }
}

#[test]
fn every_promise_has_a_name_a_row_and_a_sentence_of_its_own() {
    let properties = locum_prover::properties().unwrap();
    let names: BTreeSet<&str> = properties.iter().map(|it| it.id.as_str()).collect();
    let sentences: BTreeSet<&str> = properties.iter().map(|it| it.says.as_str()).collect();
    assert_eq!(names.len(), properties.len());
    assert_eq!(sentences.len(), properties.len());
    for property in &properties {
        let digits = property.row.strip_prefix('R').unwrap();
        assert!(
            digits.len() == 2 && digits.parse::<u8>().is_ok(),
            "{property:?}"
        );
        assert!(property.says.ends_with('.'), "{property:?}");
    }
}

#[test]
fn r31_an_operator_may_keep_agents_out_altogether() {
    let Some(solver) = cvc5() else { return };
    let policies = policies(
        r#"@id("no-agents") forbid (principal is Locum::Agent, action == Locum::Action::"file", resource);
        @id("short") forbid (principal, action == Locum::Action::"file", resource)
        when { context.duration_minutes * 2 > 120 };"#,
    );
    let mut heard = Vec::new();
    let proof = hearing(&policies, policies.set(), &solver, |done, of| {
        heard.push((done, of));
    })
    .unwrap();
    assert_eq!(open(&proof), []);
    let all = proof.findings.len();
    let steps: Vec<(usize, usize)> = (0..=all).map(|done| (done, all)).collect();
    assert_eq!(heard, steps);
}

/// Promises for which no fault is planted. The list may only shrink, and is empty.
const WITHOUT_A_FAULT: [&str; 0] = [];

#[test]
fn no_promise_is_without_a_fault_that_it_notices() {
    let planted: BTreeSet<String> = guardrails::planted()
        .chain(mutants::planted())
        .chain([vacuity::SOUND])
        .chain(WITHOUT_A_FAULT)
        .map(str::to_owned)
        .chain(vacuity::possible())
        .collect();
    let properties = locum_prover::properties().unwrap();
    let promised: BTreeSet<String> = properties.into_iter().map(|it| it.id).collect();
    assert_eq!(planted, promised, "a promise without a planted fault");
}

#[test]
fn every_guarantee_but_the_one_of_two_versions_has_a_promise_over_formulas() {
    let properties = locum_prover::properties().unwrap();
    let found: BTreeSet<Guarantee> = properties.iter().map(|it| it.guarantee).collect();
    let all = Guarantee::ALL.into_iter();
    let all: BTreeSet<Guarantee> = all.filter(|it| *it != Guarantee::Loosening).collect();
    assert_eq!(found, all);
}
