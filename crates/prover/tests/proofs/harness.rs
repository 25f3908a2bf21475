//! A policy set, a solver, and what comes of them.

use std::collections::BTreeMap;
use std::time::Duration;

use cedar_policy::{PolicyId, PolicySet};
use locum_policy::Policies;
use locum_prover::{Finding, Proof, Solver, SolverError, Verdict};

/// cvc5, as the command line finds it; none where it is not installed, which in CI is a failure.
pub(crate) fn cvc5() -> Option<Solver> {
    let program = std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into());
    let is_here = std::process::Command::new(&program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if is_here {
        let patience = Duration::from_secs(60);
        return Some(Solver { program, patience });
    }
    assert!(
        std::env::var_os("LOCUM_CI").is_none_or(|value| value != "1"),
        "cvc5 is not here: apt-get install cvc5"
    );
    eprintln!("NOT RUN: nothing is proved without cvc5 (apt-get install cvc5)");
    None
}

/// Locum's guardrails with these rules of an operator.
pub(crate) fn policies(rules: &str) -> Policies {
    let files = BTreeMap::from([("policies/house.cedar".to_owned(), rules.to_owned())]);
    Policies::load(&files).unwrap()
}

/// A set in which some of Locum's own rules are gone: nobody but a test can make one.
pub(crate) fn without(policies: &Policies, gone: &[&str]) -> PolicySet {
    let kept = policies
        .set()
        .policies()
        .filter(|policy| !gone.contains(&policy.id().to_string().as_str()));
    let set = PolicySet::from_policies(kept.cloned()).unwrap();
    for id in gone {
        assert!(policies.set().policy(&PolicyId::new(id)).is_some(), "{id}");
    }
    set
}

/// What the solver makes of a set.
pub(crate) fn attempt(
    policies: &Policies,
    set: &PolicySet,
    solver: &Solver,
) -> Result<Proof, SolverError> {
    hearing(policies, set, solver, |_, _| {})
}

/// The same, for whoever wants to hear how far it is.
pub(crate) fn hearing(
    policies: &Policies,
    set: &PolicySet,
    solver: &Solver,
    told: impl FnMut(usize, usize),
) -> Result<Proof, SolverError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(locum_prover::prove(set, policies.schema(), solver, told))
}

/// What is not proved, by the names of the promises.
pub(crate) fn open(proof: &Proof) -> Vec<(&str, Verdict)> {
    proof
        .open()
        .map(|finding| (finding.id.as_str(), finding.verdict))
        .collect()
}

pub(crate) fn finding<'p>(proof: &'p Proof, id: &str) -> &'p Finding {
    proof
        .findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap()
}
