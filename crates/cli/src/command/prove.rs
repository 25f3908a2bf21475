//! What no request can ever do, proved over the operator's rules and Locum's together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use locum_policy::Policies;
use locum_prover::{CounterExample, Finding, Proof, Solver, SolverError, Verdict};

use super::policy::lines;
use crate::failure::Failure;
use crate::output::Output;

/// What takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Proves the promises over a policies folder, with the solver that `$CVC5` names or `PATH` holds. The catalog is
/// not read: what is proved holds for every catalog.
pub(crate) async fn run(directory: &Path, seconds: u32, output: &Output) -> Result<(), Failure> {
    let policies = Policies::load(&rules(directory)?)
        .map_err(|problems| Failure::Usage(lines(problems.iter())))?;
    let named = std::env::var_os("CVC5").filter(|program| !program.is_empty());
    let solver = Solver {
        program: named.unwrap_or_else(|| OsString::from("cvc5")),
        patience: Duration::from_secs(u64::from(seconds)),
    };
    let began = Instant::now();
    let bar = bar(output);
    let proof = locum_prover::prove(policies.set(), policies.schema(), &solver, |done, of| {
        // Bars are drawn when they move; until then there is nothing to see.
        if began.elapsed() >= PATIENCE {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        }
    })
    .await;
    bar.finish_and_clear();
    let proof = proof.map_err(|error| match error {
        SolverError::Missing(_) | SolverError::Unfit { .. } => Failure::Usage(error.to_string()),
        SolverError::Inexpressible(_) => Failure::State(error.to_string()),
    })?;
    output.answer(&proof, || told(&proof, began.elapsed()))?;
    let open = proof.open().count();
    if proof.proved {
        Ok(())
    } else {
        let of = proof.findings.len();
        Err(Failure::State(format!(
            "{open} of {of} promises are not proved"
        )))
    }
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

fn bar(output: &Output) -> ProgressBar {
    if output.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length();
    match ProgressStyle::with_template("proving {wide_bar} {pos} of {len} promises") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn told(proof: &Proof, took: Duration) -> String {
    let mut text: Vec<String> = proof.findings.iter().map(told_of).collect();
    let proved = proof.findings.len().saturating_sub(proof.open().count());
    text.push(format!(
        "{proved} of {} promises are proved for every possible request, over {} rules of Locum's and {} of yours, \
         in {:.1} s",
        proof.findings.len(),
        proof.locums_rules,
        proof.operators_rules,
        took.as_secs_f32()
    ));
    text.join("\n")
}

fn told_of(finding: &Finding) -> String {
    let verdict = match finding.verdict {
        Verdict::Proved => "proved   ",
        Verdict::Refuted => "REFUTED  ",
        Verdict::Undecided => "undecided",
    };
    let mut text = vec![format!("{verdict}  {}  {}", finding.row, finding.says)];
    let example = finding.counter_example.iter().flat_map(told_example);
    let because = finding.because.iter().cloned();
    let under = example
        .chain(because)
        .map(|line| format!("                {line}"));
    text.extend(under);
    text.join("\n")
}

fn told_example(example: &CounterExample) -> Vec<String> {
    let facts = example
        .facts
        .iter()
        .map(|fact| format!("  {}: {}", fact.of, fact.is));
    std::iter::once(format!("for example: {}", example.sentence))
        .chain(facts)
        .collect()
}
