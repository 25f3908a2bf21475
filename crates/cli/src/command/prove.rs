//! What no request can ever do, proved over the operator's rules and Locum's together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use locum_policy::Policies;
use locum_policy::abstraction::{Examined, Extent, examine};
use locum_prover::{CounterExample, Finding, Proof, Solver, SolverError, Verdict};
use serde::Serialize;

use super::policy::lines;
use crate::args::ProofMethod;
use crate::failure::Failure;
use crate::output::Output;

/// What takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Everything that was proved, and how.
#[derive(Serialize)]
struct Report {
    /// Whether every promise is proved by the methods below, and no other was asked for.
    proved: bool,
    methods: Vec<&'static str>,
    /// What the solver proved or refuted.
    #[serde(flatten)]
    symbolic: Option<Symbolic>,
    /// What was examined over every combination.
    routes: Vec<OfRoutes>,
}

/// The solver's part, without its own verdict over all.
#[derive(Serialize)]
struct Symbolic {
    locums_rules: usize,
    operators_rules: usize,
    findings: Vec<Finding>,
}

/// One promise about routes.
#[derive(Serialize)]
struct OfRoutes {
    method: &'static str,
    verdict: Verdict,
    #[serde(flatten)]
    examined: Examined,
}

impl OfRoutes {
    fn of(examined: Examined) -> Self {
        let verdict = match (&examined.failure, examined.routed) {
            (Some(_), _) => Verdict::Refuted,
            // Rules that leave nothing to look at prove nothing.
            (None, 0) => Verdict::Undecided,
            (None, _) => Verdict::Proved,
        };
        Self {
            method: "exhaustive",
            verdict,
            examined,
        }
    }
}

impl Report {
    fn of(proof: Option<Proof>, examined: Vec<Examined>) -> Self {
        let routes: Vec<OfRoutes> = examined.into_iter().map(OfRoutes::of).collect();
        let is_proved = proof.as_ref().is_none_or(|proof| proof.proved);
        let methods = [
            proof.is_some().then_some("symbolic"),
            (!routes.is_empty()).then_some("exhaustive"),
        ];
        Self {
            methods: methods.into_iter().flatten().collect(),
            proved: is_proved && routes.iter().all(|it| it.verdict == Verdict::Proved),
            symbolic: proof.map(|proof| Symbolic {
                locums_rules: proof.locums_rules,
                operators_rules: proof.operators_rules,
                findings: proof.findings,
            }),
            routes,
        }
    }

    fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let findings = self.symbolic.iter().flat_map(|it| &it.findings);
        let symbolic = findings.map(|finding| finding.verdict);
        symbolic.chain(self.routes.iter().map(|it| it.verdict))
    }
}

/// Proves the promises over a policies folder, with the solver that `$CVC5` names or `PATH` holds, and by every
/// combination. The catalog is not read: what is proved holds for every catalog.
pub(crate) async fn run(
    directory: &Path,
    seconds: u32,
    only: Option<ProofMethod>,
    output: &Output,
) -> Result<(), Failure> {
    let policies = Policies::load(&rules(directory)?)
        .map_err(|problems| Failure::Usage(lines(problems.iter())))?;
    let solver = solver(seconds);
    let began = Instant::now();
    let proof = match only {
        Some(ProofMethod::Exhaustive) => None,
        Some(ProofMethod::Symbolic) | None => {
            let bar = Bar::of(output, "proving {wide_bar} {pos} of {len} promises");
            let told = |done, of| bar.at(done, of);
            let proof = locum_prover::prove(policies.set(), policies.schema(), &solver, told).await;
            Some(proof.map_err(|error| match error {
                SolverError::Missing(_) | SolverError::Unfit { .. } => {
                    Failure::Usage(error.to_string())
                }
                SolverError::Inexpressible(_) => Failure::State(error.to_string()),
            })?)
        }
    };
    let examined = match only {
        Some(ProofMethod::Symbolic) => Vec::new(),
        Some(ProofMethod::Exhaustive) | None => {
            let bar = Bar::of(output, "examining {wide_bar} {pos} of {len} combinations");
            examine(&policies, &Extent::whole(), |done, of| bar.at(done, of))
        }
    };
    let report = Report::of(proof, examined);
    output.answer(&report, || told(&report, began.elapsed()))?;
    if report.proved {
        return Ok(());
    }
    let of = report.verdicts().count();
    let open = report.verdicts().filter(|it| *it != Verdict::Proved);
    Err(Failure::State(format!(
        "{} of {of} promises are not proved",
        open.count()
    )))
}

/// The solver that `$CVC5` names or `PATH` holds, with this much time for each question.
pub(super) fn solver(seconds: u32) -> Solver {
    let named = std::env::var_os("CVC5").filter(|program| !program.is_empty());
    Solver {
        program: named.unwrap_or_else(|| OsString::from("cvc5")),
        patience: Duration::from_secs(u64::from(seconds)),
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

/// A bar on a terminal, for what takes longer.
pub(super) struct Bar {
    bar: ProgressBar,
    began: Instant,
}

impl Bar {
    pub(super) fn of(output: &Output, template: &str) -> Self {
        let is_shown = !output.is_json() && std::io::stderr().is_terminal();
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) if is_shown => ProgressBar::no_length().with_style(style),
            _ => ProgressBar::hidden(),
        };
        Self {
            bar,
            began: Instant::now(),
        }
    }

    /// Bars are drawn when they move; until it takes long there is nothing to see.
    pub(super) fn at(&self, done: usize, of: usize) {
        if self.began.elapsed() >= PATIENCE {
            self.bar.set_length(of as u64);
            self.bar.set_position(done as u64);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn told(report: &Report, took: Duration) -> String {
    let mut text = Vec::new();
    if let Some(symbolic) = &report.symbolic {
        text.extend(symbolic.findings.iter().map(told_of));
        let proved = symbolic.findings.iter();
        let proved = proved.filter(|it| it.verdict == Verdict::Proved).count();
        text.push(format!(
            "{proved} of {} promises are proved for every possible request, over {} rules of Locum's and {} of yours",
            symbolic.findings.len(),
            symbolic.locums_rules,
            symbolic.operators_rules,
        ));
    }
    if !report.routes.is_empty() {
        text.push(String::new());
        text.extend(report.routes.iter().map(told_of_routes));
        let proved = report.routes.iter();
        let proved = proved.filter(|it| it.verdict == Verdict::Proved).count();
        text.push(format!(
            "{proved} of {} promises about routes hold for every combination that is listed (docs/proofs.md)",
            report.routes.len(),
        ));
    }
    text.push(format!("in {:.1} s", took.as_secs_f32()));
    text.join("\n")
}

fn verdict_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proved => "proved   ",
        Verdict::Refuted => "REFUTED  ",
        Verdict::Undecided => "undecided",
    }
}

fn told_of_routes(it: &OfRoutes) -> String {
    let Examined {
        promise,
        combinations,
        routed,
        failure,
    } = &it.examined;
    let mut text = vec![format!(
        "{}  {}  {} ({routed} of {combinations} combinations)",
        verdict_of(it.verdict),
        promise.row,
        promise.says
    )];
    let example = failure.iter().flat_map(|it| {
        let first = [format!("for example: {}", it.sentence), it.because.clone()];
        let facts = it.facts.iter().chain(&it.route);
        first
            .into_iter()
            .chain(facts.map(|fact| format!("  {fact}")))
    });
    let nothing = (*routed == 0).then(|| "your rules leave nothing to look at".to_owned());
    let under = example
        .chain(nothing)
        .map(|line| format!("                {line}"));
    text.extend(under);
    text.join("\n")
}

fn told_of(finding: &Finding) -> String {
    let verdict = verdict_of(finding.verdict);
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
