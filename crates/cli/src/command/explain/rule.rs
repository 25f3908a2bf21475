//! One rule on a terminal.

use locum_api::RuleView;

use super::lines::Lines;
use crate::args::ExplainArgs;

/// The rule by its name and sentence, and on what grounds it decided.
pub(super) fn with_grounds(lines: &mut Lines, indent: usize, rule: &RuleView, args: &ExplainArgs) {
    let row = rule.row.iter().map(|row| format!(" ({row})"));
    let row: String = row.collect();
    lines.put(indent, &format!("{}{row}: {}", rule.id, rule.because));
    grounds(lines, indent + 2, rule, args);
}

/// What it read, and what would have to change.
pub(super) fn grounds(lines: &mut Lines, indent: usize, rule: &RuleView, args: &ExplainArgs) {
    if let Some(error) = &rule.error {
        let place = format!("{}:{}", rule.file, rule.line);
        lines.put(indent, &format!("cannot be evaluated ({place}): {error}"));
    }
    facts(lines, indent, rule);
    for change in &rule.changes {
        lines.put(indent, &format!("otherwise if: {change}"));
    }
    if let Some(remedy) = &rule.remedy {
        lines.put(indent, &format!("what helps: {remedy}"));
    }
    if args.text {
        text(lines, indent, rule);
    }
}

/// What it read, one line each.
pub(super) fn facts(lines: &mut Lines, indent: usize, rule: &RuleView) {
    for fact in &rule.facts {
        lines.put(indent, &format!("{}: {}", fact.of, fact.is));
    }
}

/// The rule as it is written, and where.
fn text(lines: &mut Lines, indent: usize, rule: &RuleView) {
    if let Some(text) = &rule.text {
        lines.put(indent, &format!("{}:{}", rule.file, rule.line));
        for line in text.lines() {
            lines.verbatim(indent + 2, line);
        }
    }
}
