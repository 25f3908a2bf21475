//! A rule broken once: what is spoiled, and every problem that is then said.

use super::TODAY;

/// The file to spoil, what stands there, and what is written instead.
pub(crate) type Edit = (&'static str, &'static str, &'static str);

pub(crate) const PEOPLE: &str = "catalog/people.toml";
pub(crate) const CHAINS: &str = "catalog/chains.toml";
pub(crate) const ELIGIBILITY: &str = "catalog/eligibility.toml";
pub(crate) const BILLING: &str = "catalog/applications/billing.toml";
pub(crate) const CRM: &str = "catalog/applications/crm.toml";
pub(crate) const WIKI: &str = "catalog/applications/wiki.toml";

/// Every problem of the example with these edits, as plain text.
fn problems(edits: &[Edit]) -> Vec<String> {
    let mut bundle = super::bundle();
    for (file, from, to) in edits {
        let text = bundle.files.get_mut(*file).unwrap();
        assert_eq!(
            text.matches(from).count(),
            1,
            "{from:?} stands once in {file}"
        );
        *text = text.replace(from, to);
    }
    let found = match bundle.check(TODAY) {
        Ok(checked) => checked.warnings,
        Err(problems) => problems,
    };
    // The example itself has no keys folder.
    let said = found.iter().map(ToString::to_string);
    said.filter(|problem| !problem.contains("aida.pub.jwk"))
        .collect()
}

/// Holds each rule, by its name, against what is said.
pub(crate) fn assert_rows(rows: &[(&str, &[Edit], &[&str])]) {
    for (rule, edits, expected) in rows {
        assert_eq!(problems(edits), *expected, "{rule}");
    }
}
