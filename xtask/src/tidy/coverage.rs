//! `docs/coverage.md`: every requirement with its tests, and every test it names exists.

use std::path::Path;

use super::{Findings, Source};

const FILE: &str = "docs/coverage.md";
const ROWS: std::ops::RangeInclusive<u8> = 1..=34;

pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    let Some(coverage) = sources.iter().find(|source| source.path == Path::new(FILE)) else {
        findings.add(
            FILE,
            "missing; give each of R01 to R34 a table row with its tests, or \"not yet\"",
        );
        return;
    };
    for row in ROWS {
        let name = format!("R{row:02}");
        let Some((number, line)) = coverage.lines().find(|(_, line)| is_row(line, &name)) else {
            findings.add(
                FILE,
                format_args!("no row `| {name} | … |`; name its tests, or write \"not yet\""),
            );
            continue;
        };
        if !line.contains("not yet") && references(line).count() == 0 {
            findings.add(
                coverage.at(number),
                format_args!("{name} names no test; write `file::test` or \"not yet\""),
            );
        }
    }
    for (number, line) in coverage.lines() {
        for reference in references(line) {
            if let Err(why) = exists(sources, reference) {
                findings.add(coverage.at(number), format_args!("`{reference}`: {why}"));
            }
        }
    }
}

fn is_row(line: &str, name: &str) -> bool {
    line.strip_prefix('|')
        .is_some_and(|rest| rest.trim_start().trim_start_matches('*').starts_with(name))
}

/// `path/to/file.rs::test_name` or `path/to/file` in backticks.
fn references(line: &str) -> impl Iterator<Item = &str> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains('/') && text.contains('.') && !text.contains(' '))
}

fn exists(sources: &[Source], reference: &str) -> Result<(), String> {
    let (file, test) = reference
        .split_once("::")
        .map_or((reference, None), |(file, test)| (file, Some(test)));
    let Some(source) = sources.iter().find(|source| source.path == Path::new(file)) else {
        return Err("no such file; name the file the test stands in now".to_owned());
    };
    let Some(test) = test else { return Ok(()) };
    let is_defined = ["fn ", "def ", "test(\"", "name = \""]
        .iter()
        .any(|before| {
            source
                .text
                .match_indices(&format!("{before}{test}"))
                .any(|(at, found)| {
                    let after = source
                        .text
                        .get(at + found.len()..)
                        .and_then(|rest| rest.chars().next());
                    !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
        });
    if is_defined {
        Ok(())
    } else {
        Err("no such test in that file; name the one that proves it now".to_owned())
    }
}
