//! The approval matrix: who approves what, how many, for how long, on what evidence, and when it is reviewed. It is
//! compared with what is committed and never rewritten by a test: what differs is for somebody to read and to copy.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use locum_domain::Route;
use locum_policy::abstraction::{Asker, Does, Kind, Routing, Situation, World};

use crate::GUARDRAILS;

/// Everybody who asks in the matrix.
const ASKERS: [(Asker, &str); 3] = [
    (Asker::Staff, "staff"),
    (Asker::Vendor, "vendor"),
    (Asker::Agent, "agent"),
];

/// One line of the matrix, before equal ones are put together.
struct Line {
    tier: &'static str,
    data: String,
    applications: &'static str,
    urgency: &'static str,
    asker: &'static str,
    does: &'static str,
    /// What is demanded, and how long.
    demanded: String,
}

fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for kind in Kind::plain() {
        for (applications, several) in [(vec![kind.clone()], "one"), (vec![kind.clone(); 2], "two")]
        {
            for (is_emergency, urgency) in [(false, "ordinary"), (true, "emergency")] {
                for (asker, name) in ASKERS {
                    for does in Does::ALL {
                        let situation = Situation {
                            applications: applications.clone(),
                            is_emergency,
                            asker,
                            does,
                            ..Situation::ordinary(kind.clone())
                        };
                        let route = Routing::route(&*GUARDRAILS, &World::of(&situation));
                        let data = kind.data.iter().map(|class| class.as_str());
                        let data: Vec<&str> = data.collect();
                        lines.push(Line {
                            tier: kind.tier.as_str(),
                            data: if data.is_empty() {
                                "none".to_owned()
                            } else {
                                data.join(", ")
                            },
                            applications: several,
                            urgency,
                            asker: name,
                            does: does.as_str(),
                            demanded: match route {
                                Ok(route) => demanded(&route),
                                Err(refusal) => format!("refused: {}", refusal.denial.code()),
                            },
                        });
                    }
                }
            }
        }
    }
    lines
}

/// The cells of one route, as the table has them.
fn demanded(route: &Route) -> String {
    let words = |steps: &[locum_domain::route::Step]| {
        let mut counted: Vec<(String, usize)> = Vec::new();
        for step in steps {
            let word = format!("{} (`{}`)", step.authority.as_str(), step.rule);
            match counted.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counted.push((word, 1)),
            }
        }
        let words = counted.into_iter().map(|(word, count)| match count {
            1 => word,
            more => format!("{more} × {word}"),
        });
        words.collect::<Vec<_>>().join(" + ")
    };
    let afterwards = match route.afterwards.is_empty() {
        true => "–".to_owned(),
        false => words(&route.afterwards),
    };
    format!(
        "{} | {} | {} min | {} min | {} min | {afterwards} | {} working days",
        words(&route.steps),
        route.steps.len(),
        route.longest.0,
        route.decide_within.0,
        route.activate_within.0,
        route.review_within_days,
    )
}

/// The whole table, a line for each combination.
fn whole() -> String {
    let mut text = String::new();
    for line in lines() {
        let Line {
            tier,
            data,
            applications,
            urgency,
            asker,
            does,
            demanded,
        } = line;
        writeln!(
            text,
            "{tier} | {data} | {applications} | {urgency} | {asker} | {does} | {demanded}"
        )
        .unwrap();
    }
    text
}

/// Who asks, and for what.
type Asking = Vec<(&'static str, &'static str)>;

/// The page for risk officers: kinds of application that demand the same of the same askers stand in one line.
fn page() -> String {
    let rank = |line: &Line| match (line.urgency, line.applications) {
        ("ordinary", "one") => 0,
        ("ordinary", _) => 1,
        (_, "one") => 2,
        _ => 3,
    };
    let mut of_kinds: Vec<((u8, String, String), Asking)> = Vec::new();
    for line in lines() {
        let kind = match line.data.as_str() {
            "none" => line.tier.to_owned(),
            data => format!("{} with {data}", line.tier),
        };
        let key = (rank(&line), kind, line.demanded);
        let asking = (line.asker, line.does);
        match of_kinds.iter_mut().find(|(known, _)| *known == key) {
            Some((_, askings)) => askings.push(asking),
            None => of_kinds.push((key, vec![asking])),
        }
    }
    let mut together: BTreeMap<(u8, String, Asking), Vec<String>> = BTreeMap::new();
    for ((rank, kind, demanded), asking) in of_kinds {
        together
            .entry((rank, demanded, asking))
            .or_default()
            .push(kind);
    }
    let mut text = HEAD.to_owned();
    let titles = [
        "Ordinary, one application",
        "Ordinary, two applications",
        "Emergency, one application",
        "Emergency, two applications",
    ];
    for (rank, title) in (0..).zip(titles) {
        writeln!(text, "\n## {title}\n\n{COLUMNS}").unwrap();
        for ((_, demanded, asking), kinds) in together.iter().filter(|((of, ..), _)| *of == rank) {
            let distinct = |found: Vec<&'static str>| {
                let mut words: Vec<&str> = Vec::new();
                for word in found {
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                words
            };
            let askers = distinct(asking.iter().map(|(asker, _)| *asker).collect());
            let does = distinct(asking.iter().map(|(_, does)| *does).collect());
            assert_eq!(
                askers.len() * does.len(),
                asking.len(),
                "each asker for each effect"
            );
            let askers = match askers.len() == ASKERS.len() {
                true => "anybody".to_owned(),
                false => askers.join(", "),
            };
            writeln!(
                text,
                "| {} | {askers} | {} | {demanded} |",
                kinds.join("; "),
                does.join(", "),
            )
            .unwrap();
        }
    }
    text
}

const HEAD: &str = "# The approval matrix

Who approves what, by Locum's own rules alone; an operator's rules can only demand more. Every line comes from the
program's own route function, over a small made-up catalog in which everybody who is needed is there and nothing happened
before; a test compares this page with it, and nothing rewrites it. Combinations that demand the same stand in one line,
for all of the kinds, askers and effects it names.

**Applications** are named by tier and data class. **Who approves** is one different person for each, with the rule that
demands them. **Evidence** is the same everywhere: every request on the record before it is forwarded (`low` may differ),
and every approval signed with its approver's passkey outside development. **Afterwards** sign, within one working day,
the authorities that an emergency skipped. The **longest** session is what the tier allows where the eligibility allows
as much; who may ask at all is the eligibility's to say. More is demanded past the daily ceiling, on a case older than 14
days, on a case that nobody outside vouches for (the next authority), and in the third emergency in 30 days (security).
";

const COLUMNS: &str = "| applications | asked by | to | who approves | people | longest | decide by | activate by | afterwards | review |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

/// Holds what was made against what is committed.
fn compare(committed: &Path, made: &str) {
    let written = std::fs::read_to_string(committed).unwrap_or_default();
    if written == made {
        return;
    }
    let name = committed.file_name().unwrap();
    let got = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&got, made).unwrap();
    let (old, new): (Vec<_>, Vec<_>) = (written.lines().collect(), made.lines().collect());
    let gone = old
        .iter()
        .filter(|line| !new.contains(line))
        .map(|it| format!("- {it}"));
    let come = new
        .iter()
        .filter(|line| !old.contains(line))
        .map(|it| format!("+ {it}"));
    let difference: Vec<String> = gone.chain(come).take(60).collect();
    panic!(
        "the approval matrix is another one:\n{}\nRead every line; if it is what you want, copy {} to {}",
        difference.join("\n"),
        got.display(),
        committed.display()
    );
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn r07_r08_r09_r10_r11_the_approval_matrix_is_the_one_that_was_agreed() {
    compare(&root().join("docs/approval-matrix.md"), &page());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/abstraction/matrix.txt");
    compare(&fixture, &whole());
}
