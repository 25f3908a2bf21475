//! Policies as files.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use locum_catalog::Deployment;
use locum_policy::Policies;

use crate::failure::Failure;
use crate::output::Output;

/// Runs the table tests of a policies folder against the catalog of the deployment it belongs to.
pub(crate) fn test(directory: &Path, output: &Output) -> Result<(), Failure> {
    let folder = directory.canonicalize();
    let folder =
        folder.map_err(|error| Failure::Usage(format!("`{}`: {error}", directory.display())))?;
    let config = folder.parent().unwrap_or(&folder).join("locum.toml");
    let variables: BTreeMap<String, String> = std::env::vars().collect();
    let time_zone = |settings: &locum_catalog::Settings| {
        jiff::tz::TimeZone::get(&settings.policies.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    };
    let now = Timestamp::now();
    let utc_today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let deployment = Deployment::read(&config, &variables, utc_today)
        .map_err(|problems| Failure::Usage(lines(problems.iter())))?
        .value;
    let today = now
        .to_zoned_datetime(time_zone(&deployment.settings))
        .date();
    let texts = |files: &mut dyn Iterator<Item = (&str, &str)>| {
        files
            .map(|(file, text)| (file.to_owned(), text.to_owned()))
            .collect::<BTreeMap<String, String>>()
    };
    let operator = texts(&mut deployment.bundle.policies());
    let tables = texts(&mut deployment.bundle.policy_tests());
    let policies =
        Policies::load(&operator).map_err(|problems| Failure::Usage(lines(problems.iter())))?;
    let results = policies
        .test(&deployment.catalog, &tables, today)
        .map_err(|problems| Failure::Usage(lines(problems.iter())))?;
    let failed = results
        .iter()
        .filter(|result| result.failure.is_some())
        .count();
    let document: Vec<serde_json::Value> = results
        .iter()
        .map(|result| {
            serde_json::json!({
                "file": result.file, "line": result.line, "name": result.name,
                "holds": result.failure.is_none(), "failure": result.failure,
            })
        })
        .collect();
    output.answer(&document, || {
        let line = |result: &locum_policy::TableResult| match &result.failure {
            None => format!("holds  {}", result.name),
            Some(failure) => format!(
                "FAILS  {}:{}: {}: {failure}",
                result.file, result.line, result.name
            ),
        };
        let mut text: Vec<String> = results.iter().map(line).collect();
        text.push(match results.len() {
            0 => "no table tests here: policies/tests/*.toml".to_owned(),
            count => format!("{} of {count} hold", count - failed),
        });
        text.join("\n")
    })?;
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::State(format!("{failed} table tests fail")))
    }
}

pub(super) fn lines<P: std::fmt::Display>(problems: impl Iterator<Item = P>) -> String {
    problems
        .map(|problem| problem.to_string())
        .collect::<Vec<_>>()
        .join("\n")
}
