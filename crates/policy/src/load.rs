//! From texts to one validated set. A set with any problem is no set.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationError, ValidationMode, Validator};
use miette::Diagnostic;

use locum_domain::rules::SCHEMA;

use crate::annotation;
use crate::problem::LoadProblem;
use crate::question;

/// The guardrails, by the names they have in the project.
pub(crate) const BUILT_IN: [(&str, &str); 9] = [
    (
        "guardrails/defaults.cedar",
        include_str!("../../../policies/guardrails/defaults.cedar"),
    ),
    (
        "guardrails/eligibility.cedar",
        include_str!("../../../policies/guardrails/eligibility.cedar"),
    ),
    (
        "guardrails/filing.cedar",
        include_str!("../../../policies/guardrails/filing.cedar"),
    ),
    (
        "guardrails/case.cedar",
        include_str!("../../../policies/guardrails/case.cedar"),
    ),
    (
        "guardrails/subject.cedar",
        include_str!("../../../policies/guardrails/subject.cedar"),
    ),
    (
        "guardrails/route.cedar",
        include_str!("../../../policies/guardrails/route.cedar"),
    ),
    (
        "guardrails/deciding.cedar",
        include_str!("../../../policies/guardrails/deciding.cedar"),
    ),
    (
        "guardrails/activating.cedar",
        include_str!("../../../policies/guardrails/activating.cedar"),
    ),
    (
        "guardrails/reviewing.cedar",
        include_str!("../../../policies/guardrails/reviewing.cedar"),
    ),
];

/// How far a policy may look: one step from principal, resource and context. What lies further is not
/// there when a question is put, and would be an error then.
const DEREFERENCES: u32 = 1;

/// What an operator's `@id` may not begin with.
const RESERVED: [&str; 2] = ["guard-", "locum-"];

pub(crate) fn compile(
    schema_text: &str,
    built_in: &[(String, String)],
    operator: &BTreeMap<String, String>,
) -> Result<(PolicySet, Schema), Vec<LoadProblem>> {
    let mut problems = Vec::new();
    let schema = match Schema::from_cedarschema_str(schema_text) {
        Ok((schema, _)) => schema,
        Err(error) => {
            let problem = LoadProblem::over(SCHEMA, schema_text, span(&error), error.to_string());
            return Err(vec![problem]);
        }
    };
    let mut set = PolicySet::new();
    let mut files: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (file, text) in built_in {
        gather(file, text, &[], &mut set, &mut files, &mut problems);
    }
    for (file, text) in operator {
        gather(file, text, &RESERVED, &mut set, &mut files, &mut problems);
    }
    let validation = Validator::new(schema.clone()).validate_with_level(
        &set,
        ValidationMode::Strict,
        DEREFERENCES,
    );
    for error in validation.validation_errors() {
        let (file, text) = files
            .get(&error.policy_id().to_string())
            .copied()
            .unwrap_or(("policies", ""));
        problems.push(of_validation(file, text, error));
    }
    if problems.is_empty() {
        Ok((set, schema))
    } else {
        problems.sort();
        Err(problems)
    }
}

/// Adds one file's policies to the set, each under its `@id`.
fn gather<'t>(
    file: &'t str,
    text: &'t str,
    reserved: &[&str],
    set: &mut PolicySet,
    files: &mut BTreeMap<String, (&'t str, &'t str)>,
    problems: &mut Vec<LoadProblem>,
) {
    let parsed = match text.parse::<PolicySet>() {
        Ok(parsed) => parsed,
        Err(errors) => {
            problems.extend(errors.iter().map(|error| {
                let problem = LoadProblem::over(file, text, span(error), error.to_string());
                with_help(problem, error)
            }));
            return;
        }
    };
    for template in parsed.templates() {
        let source = template.to_cedar();
        let at = find(text, &source);
        let problem = LoadProblem::over(file, text, at, "a template decides nothing");
        problems.push(problem.hint("write the principal and resource out instead of `?…`"));
    }
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for policy in parsed.policies() {
        let source = policy.to_cedar().unwrap_or_default();
        let at = |message: String, hint: &str| {
            LoadProblem::over(file, text, find(text, &source), message).hint(hint)
        };
        let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()) else {
            let hint = "begin it with @id(\"a-name-for-the-evidence\")";
            problems.push(at("a policy without an @id".to_owned(), hint));
            continue;
        };
        if let Some(prefix) = reserved.iter().find(|prefix| id.starts_with(**prefix)) {
            let hint = "choose a name of your own";
            problems.push(at(format!("ids beginning `{prefix}` are Locum's"), hint));
            continue;
        }
        if let Some(code) = policy.annotation("reason")
            && question::reason(code).is_none()
        {
            let hint = "use a refusal's code, such as not-eligible, or leave it out";
            problems.push(at(format!("`{code}` is no reason a policy can give"), hint));
        }
        let faults = annotation::faults(policy);
        problems.extend(faults.into_iter().map(|(message, hint)| at(message, hint)));
        let is_known = files.contains_key(id) || !seen.insert(id.to_owned());
        if is_known || set.add(policy.new_id(PolicyId::new(id))).is_err() {
            let other = files.get(id).map_or(file, |(other, _)| *other);
            let hint = format!("the other one stands in {other}");
            problems.push(at(format!("two policies are called `{id}`"), &hint));
        }
    }
    for id in seen {
        files.entry(id).or_insert((file, text));
    }
}

fn of_validation(file: &str, text: &str, error: &ValidationError) -> LoadProblem {
    let problem = LoadProblem::over(file, text, span(error), error.to_string());
    with_help(problem, error)
}

/// Cedar's own help, or else what it expected at the place.
fn with_help(problem: LoadProblem, error: &dyn Diagnostic) -> LoadProblem {
    let expected = || {
        let mut labels = error.labels()?;
        labels.find_map(|label| label.label().map(str::to_owned))
    };
    match error.help().map(|help| help.to_string()).or_else(expected) {
        Some(help) => problem.hint(help),
        None => problem,
    }
}

/// Where a diagnostic points, in bytes from the beginning of its text.
fn span(error: &dyn Diagnostic) -> Range<usize> {
    let first = error.labels().and_then(|mut labels| labels.next());
    first.map_or(0..0, |label| {
        label.offset()..label.offset().saturating_add(label.len())
    })
}

/// Where a policy stands, or the beginning of the file when Cedar wrote it otherwise.
fn find(text: &str, part: &str) -> Range<usize> {
    let start = text.find(part);
    start.map_or(0..0, |start| start..start.saturating_add(part.len()))
}
