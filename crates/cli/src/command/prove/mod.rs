//! What no request can ever do, proved over the operator's rules and Locum's together.

mod progress;
mod report;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use locum_evidence::{VerifyOptions, verify_from};
use locum_policy::Policies;
use locum_policy::abstraction::{Examined, Extent, Part, together};
use locum_prover::{Solver, SolverError};
use tokio::task::JoinHandle;

use self::progress::Shared;
use self::report::{Compared, Report};
use super::policy::lines;
use crate::args::{ProofPart, ProveArgs};
use crate::failure::Failure;
use crate::output::Output;

pub(super) use self::progress::Bar;

/// Proves the promises over a policies folder, with the solver that `$CVC5` names or `PATH` holds, and by every
/// combination. The catalog is not read: what is proved holds for every catalog.
pub(crate) async fn run(args: ProveArgs, output: &Output) -> Result<(), Failure> {
    let asks = |part| args.only.is_none_or(|only| only == part);
    let earlier = match (&args.against, args.only) {
        (Some(_), Some(ProofPart::Exhaustive)) => {
            let said = "`--against` asks the solver, and `--only exhaustive` leaves it out";
            return Err(Failure::Usage(said.to_owned()));
        }
        (None, Some(ProofPart::Loosening)) => {
            let said = "name the folder of the earlier rules: `--against DIR`";
            return Err(Failure::Usage(said.to_owned()));
        }
        (Some(earlier), _) => Some((earlier, loaded(earlier)?)),
        (None, _) => None,
    };
    let policies = loaded(&args.directory)?;
    let solver = solver(args.seconds);
    let began = Instant::now();
    if asks(ProofPart::Symbolic) || earlier.is_some() {
        // Nothing is begun that would have to be waited for where there is no solver.
        solver.tried().await.map_err(unsolved)?;
    }
    let bar = Arc::new(Shared::of(output, Part::ALL.len().saturating_add(2)));
    let routes = match asks(ProofPart::Exhaustive) {
        true => examining(&policies, &bar),
        false => Vec::new(),
    };
    let proof = match asks(ProofPart::Symbolic) {
        true => {
            let told = |done, of| bar.at(Part::ALL.len(), done, of);
            let proof = locum_prover::prove(policies.set(), policies.schema(), &solver, told).await;
            Some(proof.map_err(unsolved)?)
        }
        false => None,
    };
    let loosening = match earlier {
        Some((folder, before)) => {
            let began = Instant::now();
            let told = |done, of| bar.at(Part::ALL.len().saturating_add(1), done, of);
            let (before, after) = (before.set(), policies.set());
            let found =
                locum_prover::loosened(before, after, policies.schema(), &solver, told).await;
            let folder = folder.display().to_string();
            let found = found.map_err(unsolved)?;
            Some(Compared::of(folder, found, began.elapsed()))
        }
        None => None,
    };
    let report = Report::of(proof, examined(routes).await?, loosening).map_err(Failure::State)?;
    // The bar is gone before anything is said.
    drop(bar);
    output.answer(&report, || words::told(&report, began.elapsed()))?;
    match report.kept {
        true => Ok(()),
        false => Err(Failure::State(unkept(&report))),
    }
}

/// What is wrong, in a sentence.
fn unkept(report: &Report) -> String {
    let mut said = Vec::new();
    let (of, open) = report.open();
    if open > 0 {
        said.push(format!("{open} of {of} promises are not proved"));
    }
    if let Some(Compared { against, found, .. }) = &report.loosening {
        match found.verdict {
            locum_prover::Comparison::NotLoosened => {}
            locum_prover::Comparison::Loosened => {
                said.push(format!("the rules permit what those of `{against}` denied"));
            }
            locum_prover::Comparison::Undecided => {
                said.push(format!(
                    "whether the rules permit what those of `{against}` denied is not known"
                ));
            }
        }
    }
    said.join("; ")
}

/// Every part of the examination, beside whatever the solver does meanwhile.
fn examining(policies: &Policies, bar: &Arc<Shared>) -> Vec<JoinHandle<Vec<Examined>>> {
    let parts = Part::ALL.into_iter().enumerate();
    parts
        .map(|(at, part)| {
            let (policies, bar) = (policies.clone(), Arc::clone(bar));
            tokio::task::spawn_blocking(move || {
                let told = |done, of| bar.at(at, done, of);
                part.examine(&policies, &Extent::whole(), told)
            })
        })
        .collect()
}

async fn examined(parts: Vec<JoinHandle<Vec<Examined>>>) -> Result<Vec<Examined>, Failure> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for part in parts {
        let part = part.await;
        let broken = |error| Failure::State(format!("the examination broke off: {error}"));
        found.extend(part.map_err(broken)?);
    }
    Ok(together(found))
}

/// The solver that `$CVC5` names or `PATH` holds, with this much time for each question.
pub(super) fn solver(seconds: u32) -> Solver {
    let named = std::env::var_os("CVC5").filter(|program| !program.is_empty());
    Solver {
        program: named.unwrap_or_else(|| OsString::from("cvc5")),
        patience: Duration::from_secs(u64::from(seconds)),
    }
}

fn unsolved(error: SolverError) -> Failure {
    match error {
        SolverError::Missing(_) | SolverError::Unfit { .. } => Failure::Usage(error.to_string()),
        SolverError::Inexpressible(_) => Failure::State(error.to_string()),
    }
}

/// The operator's rules of this folder, with Locum's; or the rules that an evidence pack holds.
fn loaded(directory: &Path) -> Result<Policies, Failure> {
    if directory.is_file() {
        return recorded(directory);
    }
    Policies::load(&rules(directory)?).map_err(|problems| Failure::Usage(lines(problems.iter())))
}

/// The rules by which the last decision of a pack was taken, as they were recorded, guardrails included.
fn recorded(pack: &Path) -> Result<Policies, Failure> {
    let unusable =
        |why: &dyn std::fmt::Display| Failure::Usage(format!("`{}`: {why}", pack.display()));
    let file = std::fs::File::open(pack).map_err(|error| unusable(&error))?;
    let verified = verify_from(file, &VerifyOptions::default());
    let again = verified
        .map_err(|failure| unusable(&failure))?
        .decided_again;
    let newest = again.rules.last();
    let newest = newest.ok_or_else(|| unusable(&"it holds no rules that were in force"))?;
    let rules = &newest.rules;
    Policies::recorded(&rules.built_in, &rules.policies)
        .map_err(|problems| unusable(&lines(problems.iter())))
}

/// The operator's rules: what the server reads of such a folder.
fn rules(directory: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let unread = |path: &Path, error: &std::io::Error| {
        Failure::Usage(format!("`{}`: {error}", path.display()))
    };
    if directory.join("locum.toml").is_file() {
        return Err(Failure::Usage(format!(
            "`{}` is the folder of a deployment: name the policies folder in it",
            directory.display()
        )));
    }
    let mut rules = BTreeMap::new();
    let entries = std::fs::read_dir(directory).map_err(|error| unread(directory, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unread(directory, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".cedar") && !name.starts_with('.') {
            let path = entry.path();
            let text = std::fs::read_to_string(&path).map_err(|error| unread(&path, &error))?;
            rules.insert(path.display().to_string(), text);
        }
    }
    Ok(rules)
}
