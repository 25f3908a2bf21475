//! Problems of files as they are told: as a compiler would show them on a terminal, a line each in a pipe.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use locum_catalog::Problem;
use locum_policy::{LoadProblem, TableResult};

/// Tells them on standard error.
pub fn tell_problems(problems: &[Problem]) {
    let mut stderr = std::io::stderr().lock();
    let is_terminal = stderr.is_terminal();
    let is_coloured = is_terminal && std::env::var_os("NO_COLOR").is_none();
    for problem in problems {
        let text = match is_terminal {
            true => problem.render(is_coloured),
            false => problem.to_string(),
        };
        // Whoever closed standard error does not want to know.
        let _ = writeln!(stderr, "{text}");
    }
}

/// What is wrong with rules or with the tables that test them, each beside its line.
pub fn policy_problems(found: Vec<LoadProblem>, texts: &BTreeMap<String, String>) -> Vec<Problem> {
    let shown = |it: LoadProblem| {
        let text = texts.get(&it.file).cloned().unwrap_or_default();
        let problem = Problem::in_text(it.file, text, it.start..it.end, it.message);
        match it.hint {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        }
    };
    found.into_iter().map(shown).collect()
}

/// The cases of table tests that do not hold, each beside its first line.
pub(crate) fn failing_cases(
    results: Vec<TableResult>,
    texts: &BTreeMap<String, String>,
) -> Vec<Problem> {
    let failing = |result: TableResult| {
        let failure = result.failure?;
        let text = texts.get(&result.file).cloned().unwrap_or_default();
        let before = text.split_inclusive('\n').take(result.line - 1);
        let start: usize = before.map(str::len).sum();
        let first = text.get(start..).and_then(|rest| rest.lines().next());
        let end = start + first.map_or(0, str::len);
        let message = format!("`{}` does not hold: {failure}", result.name);
        Some(Problem::in_text(result.file, text, start..end, message))
    };
    results.into_iter().filter_map(failing).collect()
}
