//! Two versions of the rules: what the later permits and the earlier did not.

use cedar_policy::PolicySet;
use locum_prover::{Comparison, Difference, Loosening, Solver, SolverError};

use crate::harness::*;

fn compared(
    before: &PolicySet,
    after: &PolicySet,
    solver: &Solver,
) -> Result<Loosening, SolverError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let schema = policies("");
    runtime.block_on(locum_prover::loosened(
        before,
        after,
        schema.schema(),
        solver,
        |_, _| {},
    ))
}

const NIGHTS: &str = r#"@id("no-nights") forbid (principal, action == Locum::Action::"file", resource)
    when { context.local_hour < 6 };"#;

#[test]
fn r33_a_forbid_that_goes_loosens_and_one_that_comes_does_not() {
    let Some(solver) = cvc5() else { return };
    let (bare, nights) = (policies(""), policies(NIGHTS));
    let tighter = compared(bare.set(), nights.set(), &solver).unwrap();
    assert_eq!(tighter.verdict, Comparison::NotLoosened);
    assert_eq!(tighter.rules[0].is, Difference::New);
    let looser = compared(nights.set(), bare.set(), &solver).unwrap();
    assert_eq!(looser.verdict, Comparison::Loosened);
    let open = looser.questions.iter();
    let open = open.filter(|it| it.verdict == Comparison::Loosened);
    for question in open {
        assert_eq!(question.action, "file");
        let because = question.because.as_deref().unwrap();
        assert!(
            because.contains("`no-nights`, which forbade it before, is gone"),
            "{because}"
        );
        assert!(question.counter_example.is_some());
    }
}

#[test]
fn r33_a_guardrail_that_goes_loosens_by_its_name() {
    let Some(solver) = cvc5() else { return };
    let whole = policies("");
    let cut = without(&whole, &["guard-closed-operation"]);
    let found = compared(whole.set(), &cut, &solver).unwrap();
    assert_eq!(found.verdict, Comparison::Loosened);
    assert_eq!(found.rules[0].rule, "guard-closed-operation");
    assert_eq!(found.rules[0].is, Difference::Gone);
}

#[test]
fn r33_no_solver_never_means_not_loosened() {
    let missing = Solver {
        program: "no-such-solver".into(),
        patience: std::time::Duration::from_secs(1),
    };
    let bare = policies("");
    let found = compared(bare.set(), bare.set(), &missing);
    assert!(matches!(found, Err(SolverError::Missing(_))));
}

#[test]
fn r33_a_guardrail_gone_beside_a_wide_permit_is_named() {
    let Some(solver) = cvc5() else { return };
    let wide = policies(
        r#"@id("anybody-vouches") permit (principal, action == Locum::Action::"cite", resource)
        when { resource.open };"#,
    );
    let before = policies("");
    let cut = without(&wide, &["guard-case-assignee"]);
    let found = compared(before.set(), &cut, &solver).unwrap();
    let told: Vec<&str> = found
        .questions
        .iter()
        .filter_map(|it| it.because.as_deref())
        .collect();
    assert_eq!(found.verdict, Comparison::Loosened);
    assert!(
        told.iter()
            .any(|it| it.contains("`guard-case-assignee`, which forbade it before, is gone")),
        "{told:#?}"
    );
}

#[test]
fn r33_a_changed_forbid_is_named_as_changed() {
    let Some(solver) = cvc5() else { return };
    let earlier = policies(NIGHTS);
    let later = policies(&NIGHTS.replace("< 6", "< 5"));
    let found = compared(earlier.set(), later.set(), &solver).unwrap();
    assert_eq!(found.verdict, Comparison::Loosened);
    assert_eq!(found.rules[0].is, Difference::Changed);
    let mut told = found.questions.iter().filter_map(|it| it.because.as_ref());
    assert!(told.any(|it| it.contains("`no-nights`, which forbade it before, is changed")));
    let tighter = compared(later.set(), earlier.set(), &solver).unwrap();
    assert_eq!(tighter.verdict, Comparison::NotLoosened);
}

#[test]
fn r33_a_rule_that_could_fail_and_is_gone_loosens() {
    let Some(solver) = cvc5() else { return };
    let failing = policies(
        r#"@id("overflows") forbid (principal, action == Locum::Action::"file", resource)
        when { context.duration_minutes * 9000000000000000000 < 0 };"#,
    );
    let found = compared(failing.set(), policies("").set(), &solver).unwrap();
    assert_eq!(found.verdict, Comparison::Loosened);
    let mut told = found.questions.iter().filter_map(|it| it.because.as_ref());
    assert!(told.any(|it| it.contains("`overflows` could fail")));
    let same = compared(failing.set(), failing.set(), &solver).unwrap();
    assert_eq!(same.verdict, Comparison::NotLoosened);
}

#[test]
fn r33_what_the_solver_does_not_answer_is_undecided_and_never_not_loosened() {
    for name in [
        "after_trial_unknown",
        "after_trial_silent",
        "after_trial_dies",
        "silent",
    ] {
        let solver = Solver {
            program: format!(
                "{}/tests/proofs/fakes/{name}.sh",
                env!("CARGO_MANIFEST_DIR")
            )
            .into(),
            patience: std::time::Duration::from_millis(400),
        };
        let found = compared(policies(NIGHTS).set(), policies("").set(), &solver).unwrap();
        assert_eq!(found.verdict, Comparison::Undecided, "{name}");
        // Where the two formulas are one, the compiler itself answers; what changed is asked.
        for question in found.questions.iter().filter(|it| it.action == "file") {
            assert_eq!(question.verdict, Comparison::Undecided, "{name}");
            assert!(question.because.is_some(), "{name}: {question:?}");
        }
    }
}
