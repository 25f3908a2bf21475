//! The proposal as `[[operation]]` tables.

use std::fmt::Write as _;

use super::proposal::{Proposal, ProposedOperation};

/// Routes that stand on one line.
const ON_ONE_LINE: usize = 3;

/// The tables, ready to paste into `catalog/applications/ID.toml`, with a comment for every guess. `source` says what
/// they come from.
pub fn toml(proposal: &Proposal, source: &str) -> String {
    let mut text = String::new();
    let closed = proposal
        .operations
        .iter()
        .filter(|it| it.closed.is_some())
        .count();
    let operations = proposal.operations.len();
    comment(
        &mut text,
        &format!("Proposed from {source}: {operations} operations, {closed} of them closed."),
    );
    comment(
        &mut text,
        "Effects, classes and objects are guesses. Look at each, correct it, and delete its REVIEW lines.",
    );
    for warning in &proposal.warnings {
        comment(&mut text, &format!("WARNING: {warning}"));
    }
    for (reason, count) in &proposal.left_out {
        comment(&mut text, &format!("Left out ({count}): {reason}"));
    }
    if !proposal.graphql_endpoints.is_empty() {
        text.push('\n');
        comment(
            &mut text,
            "REVIEW GraphQL: what comes here is classified by the root fields of its document, and",
        );
        comment(
            &mut text,
            "what no operation lists is refused. If the file has a [graphql] already, add these to it.",
        );
        let _ = writeln!(
            text,
            "[graphql]\nendpoints = {}",
            list(&proposal.graphql_endpoints)
        );
        if proposal.operations.iter().all(|it| it.graphql.is_empty()) {
            comment(
                &mut text,
                "Then list in operations what the schema offers: graphql = [\"query invoices\"]",
            );
        }
    }
    for operation in &proposal.operations {
        text.push('\n');
        table(&mut text, operation);
    }
    text
}

fn table(text: &mut String, operation: &ProposedOperation) {
    for because in &operation.because {
        comment(text, &format!("REVIEW {because}"));
    }
    for note in &operation.notes {
        comment(text, &format!("REVIEW {note}"));
    }
    text.push_str("[[operation]]\n");
    let _ = writeln!(text, "id = {}", quoted(&operation.id));
    let _ = writeln!(text, "effect = {}", quoted(operation.effect.as_str()));
    if let Some(class) = operation.closed {
        let _ = writeln!(text, "closed = {}", quoted(class));
    }
    if !operation.routes.is_empty() {
        let _ = writeln!(text, "routes = {}", list(&operation.routes));
    }
    if !operation.graphql.is_empty() {
        let _ = writeln!(text, "graphql = {}", list(&operation.graphql));
    }
    if let Some(object) = &operation.object {
        let _ = writeln!(text, "object = {}", quoted(object));
    }
}

fn list(lines: &[String]) -> String {
    let quoted: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
    if quoted.len() <= ON_ONE_LINE {
        format!("[{}]", quoted.join(", "))
    } else {
        let lines: String = quoted.iter().map(|line| format!("    {line},\n")).collect();
        format!("[\n{lines}]")
    }
}

/// A TOML text on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            other if is_unseen(other) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A comment of one line, whatever the text holds: a document's words must not become lines of the catalog.
fn comment(text: &mut String, line: &str) {
    let line: String = line
        .chars()
        .map(|it| if is_unseen(it) { '\u{fffd}' } else { it })
        .collect();
    let _ = writeln!(text, "# {line}");
}

/// What ends a line, moves the cursor or turns the reading direction.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
