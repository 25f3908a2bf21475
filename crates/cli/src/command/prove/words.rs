//! What was asked and what came of it, in words: guarantee after guarantee, and at last in short.

use std::time::Duration;

use locum_policy::abstraction::{Examined, Guarantee};
use locum_prover::{
    Comparison, CounterExample, Difference, Finding, Question, RuleChange, Verdict,
};

use super::report::{Compared, Count, Held, OfRoutes, Report, Standing, Summary};

pub(super) fn told(report: &Report, took: Duration) -> String {
    let mut text = Vec::new();
    for (number, summary) in report.guarantees.iter().enumerate() {
        let guarantee = summary.guarantee;
        let mut lines: Vec<String> = report.findings(guarantee).map(told_of).collect();
        lines.extend(report.routes(guarantee).map(told_of_routes));
        if guarantee == Guarantee::Loosening {
            lines.extend(report.loosening.iter().map(told_of_two));
        }
        if !lines.is_empty() {
            text.push(format!(
                "{}{}",
                numbered(number, guarantee),
                guarantee.says()
            ));
            text.extend(lines);
            text.push(String::new());
        }
    }
    text.push("In short".to_owned());
    let summaries = report.guarantees.iter().enumerate();
    text.extend(summaries.map(|(number, it)| in_short(number, it)));
    text.push(String::new());
    text.extend(counted(report));
    text.push(format!("in {}", seconds(took)));
    text.join("\n")
}

/// `12  `; what is promised besides has no number.
fn numbered(number: usize, guarantee: Guarantee) -> String {
    match guarantee {
        Guarantee::Further => "    ".to_owned(),
        _ => format!("{:>2}  ", number.saturating_add(1)),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f32())
}

fn in_short(number: usize, summary: &Summary) -> String {
    let verdict = match summary.verdict {
        Standing::Proved => "proved   ",
        Standing::Refuted => "REFUTED  ",
        Standing::Undecided => "undecided",
        Standing::NotAsked => "not asked",
    };
    let mut how = Vec::new();
    let Count { asked, of } = summary.symbolic;
    match (asked, of) {
        (_, 0) => {}
        (0, _) if summary.guarantee == Guarantee::Loosening => {
            how.push("name the earlier rules: --against DIR".to_owned());
        }
        (0, of) => how.push(format!("{of} symbolic not asked")),
        (asked, _) => how.push(format!("{asked} symbolic in {}", seconds(summary.took))),
    }
    let Count { asked, of } = summary.exhaustive;
    match (asked, of) {
        (_, 0) => {}
        (0, of) => how.push(format!("{of} exhaustive not asked")),
        (asked, _) => how.push(format!("{asked} exhaustive")),
    }
    format!(
        "{}{verdict}  {} ({})",
        numbered(number, summary.guarantee),
        summary.guarantee.says(),
        how.join(", ")
    )
}

fn counted(report: &Report) -> Vec<String> {
    let mut text = Vec::new();
    if let Some(symbolic) = &report.symbolic {
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
        let holding = report.routes.iter();
        let holding = holding.filter(|it| it.verdict == Held::Holds).count();
        text.push(format!(
            "{holding} of {} promises about routes hold for every combination that is listed (docs/proofs.md)",
            report.routes.len(),
        ));
    }
    text
}

/// The words of one promise: how it fared, its row, its sentence, and what is to be said under it.
fn promised(verdict: &str, row: &str, says: &str, under: impl Iterator<Item = String>) -> String {
    let first = format!("    {verdict}  {row}  {says}");
    let under = under.map(|line| format!("                    {line}"));
    let lines: Vec<String> = std::iter::once(first).chain(under).collect();
    lines.join("\n")
}

fn told_of(finding: &Finding) -> String {
    let verdict = match finding.verdict {
        Verdict::Proved => "proved   ",
        Verdict::Refuted => "REFUTED  ",
        Verdict::Undecided => "undecided",
    };
    let example = finding.counter_example.iter().flat_map(told_example);
    let because = finding.because.iter().cloned();
    promised(verdict, &finding.row, &finding.says, example.chain(because))
}

fn told_of_routes(it: &OfRoutes) -> String {
    let Examined {
        promise,
        combinations,
        routed,
        failure,
    } = &it.examined;
    let verdict = match it.verdict {
        Held::Holds => "holds    ",
        Held::Refuted => "REFUTED  ",
        Held::Undecided => "undecided",
    };
    let says = format!("{} ({routed} of {combinations} combinations)", promise.says);
    let example = failure.iter().flat_map(|it| {
        let first = [format!("for example: {}", it.sentence), it.because.clone()];
        let facts = it.facts.iter().chain(&it.route);
        first
            .into_iter()
            .chain(facts.map(|fact| format!("  {fact}")))
    });
    let nothing = (*routed == 0).then(|| "your rules leave nothing to look at".to_owned());
    promised(verdict, promise.row, &says, example.chain(nothing))
}

/// What differs between two versions, and what it lets through.
fn told_of_two(compared: &Compared) -> String {
    let Compared { against, found, .. } = compared;
    let mut text = Vec::new();
    let questions = found.questions.iter();
    let open = questions.filter(|it| it.verdict != Comparison::NotLoosened);
    text.extend(open.map(told_question));
    let tight = found.questions.iter();
    let tight = tight.filter(|it| it.verdict == Comparison::NotLoosened);
    let (tight, of) = (tight.count(), found.questions.len());
    if tight > 0 {
        text.push(promised(
            "proved   ",
            "R33",
            &format!("Of {of} types of request, {tight} permit nothing that `{against}` denied."),
            std::iter::empty(),
        ));
    }
    let differs = match found.rules.as_slice() {
        [] => "no rule differs".to_owned(),
        rules => {
            let rules: Vec<String> = rules.iter().map(told_change).collect();
            format!("rules that differ: {}", rules.join(", "))
        }
    };
    text.push(format!("               {differs}"));
    text.join("\n")
}

fn told_question(question: &Question) -> String {
    let (verdict, what) = match question.verdict {
        Comparison::Loosened => ("LOOSENED ", "something is permitted that was denied"),
        Comparison::Undecided | Comparison::NotLoosened => {
            ("undecided", "whether it is loosened is not known")
        }
    };
    let says = format!(
        "`{}` by {} on {}: {what}.",
        question.action,
        question.principal.to_lowercase(),
        question.resource.to_lowercase()
    );
    let example = question.counter_example.iter().flat_map(told_example);
    let because = question.because.iter().cloned();
    promised(verdict, "R33", &says, example.chain(because))
}

fn told_change(change: &RuleChange) -> String {
    let is = match change.is {
        Difference::New => "new",
        Difference::Gone => "gone",
        Difference::Changed => "changed",
    };
    format!("`{}` ({}, {is})", change.rule, change.effect)
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
