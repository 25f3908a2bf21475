//! Programs that are no solver, or fail as one. Nothing of theirs is ever a proof.

use std::time::Duration;

use locum_prover::{Proof, Solver, SolverError, Verdict};

use crate::harness::*;

fn with(program: &str) -> Result<Proof, SolverError> {
    let solver = Solver {
        program: program.into(),
        patience: Duration::from_millis(400),
    };
    let policies = policies("");
    attempt(&policies, policies.set(), &solver)
}

fn fake(name: &str) -> String {
    format!(
        "{}/tests/proofs/fakes/{name}.sh",
        env!("CARGO_MANIFEST_DIR")
    )
}

#[test]
fn without_a_solver_it_says_what_to_install() {
    let error = with("/nowhere/cvc5").unwrap_err();
    assert!(matches!(error, SolverError::Missing(_)));
    let said = error.to_string();
    assert!(said.contains("apt-get install cvc5"), "{said}");
    assert!(said.contains("nothing is proved"), "{said}");
}

#[test]
fn what_is_no_solver_is_not_asked() {
    for program in [
        fake("rubbish"),
        fake("liar"),
        "/bin/true".to_owned(),
        "/etc/passwd".to_owned(),
    ] {
        let error = with(&program).unwrap_err();
        assert!(
            matches!(error, SolverError::Unfit { .. }),
            "{program}: {error}"
        );
        assert!(
            error.to_string().contains("apt-get install cvc5"),
            "{error}"
        );
    }
}

#[test]
fn a_solver_that_never_answers_leaves_everything_undecided_and_soon() {
    let proof = with(&fake("silent")).unwrap();
    assert!(!proof.proved);
    for finding in &proof.findings {
        assert_eq!(finding.verdict, Verdict::Undecided, "{finding:?}");
        let because = finding.because.as_deref().unwrap();
        assert!(because.contains("did not answer within 0.4 s"), "{because}");
    }
}

#[test]
fn a_solver_that_fails_later_proves_nothing_by_it() {
    for name in ["silent", "unknown", "sat", "dies"] {
        let proof = with(&fake(&format!("after_trial_{name}"))).unwrap();
        assert!(!proof.proved, "{name}");
        let verdicts = |wanted| {
            proof
                .findings
                .iter()
                .filter(|it| it.verdict == wanted)
                .count()
        };
        // What follows from the rules alone never reaches a solver.
        assert!(verdicts(Verdict::Undecided) > 20, "{name}");
        assert_eq!(verdicts(Verdict::Refuted), 0, "{name}");
    }
}

#[test]
fn a_solver_that_then_finds_nothing_is_betrayed_by_what_must_be_possible() {
    let proof = with(&fake("after_trial_unsat")).unwrap();
    assert!(!proof.proved);
    let asking = finding(&proof, "possible-to-ask");
    assert_eq!(asking.verdict, Verdict::Refuted);
}
