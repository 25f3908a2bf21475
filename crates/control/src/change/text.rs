//! Reading what somebody proposes, before anything of it is recorded.

use std::collections::BTreeMap;

use jiff::civil::Date;
use locum_catalog::Bundle;
use locum_domain::scope::sentence;
use locum_domain::{Denial, Refusal};
use locum_plan::Version;

/// The most bytes of text that a change holds, over all of its files.
const LARGEST_BUNDLE: usize = 4 * 1024 * 1024;
/// The most files.
const MOST_FILES: usize = 4_000;
/// How many problems are told at once.
const MOST_TOLD: usize = 60;

/// The bundle, if it is one and of a size that is kept for ever.
///
/// # Errors
/// `malformed`.
pub(super) fn bundle(
    files: &BTreeMap<String, String>,
    settings: &serde_json::Value,
) -> Result<Bundle, Refusal> {
    let wrong = |detail: String, at: &str| Err(Denial::Malformed.because(detail).at(at));
    let bytes = files.iter().map(|(path, text)| path.len() + text.len());
    let bytes = bytes.fold(0_usize, usize::saturating_add);
    if bytes > LARGEST_BUNDLE {
        let detail = format!("{bytes} bytes: a change holds at most {LARGEST_BUNDLE}");
        return wrong(detail, "/files");
    }
    if files.len() > MOST_FILES {
        let detail = format!("{} files: a change holds at most {MOST_FILES}", files.len());
        return wrong(detail, "/files");
    }
    Bundle::recorded(files.clone(), settings.clone()).or_else(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        wrong(cause.unwrap_or_else(|| error.to_string()), "/settings")
    })
}

/// Reads the bundle as it would be read in force, on this day, and runs its table tests.
///
/// # Errors
/// `malformed`, with every problem in a line of its own: file, line, column, and what is wrong.
pub(super) fn read(bundle: &Bundle, today: Date) -> Result<Version, Refusal> {
    let unread = bundle.unread().into_iter();
    let mut problems: Vec<String> = unread
        .map(|path| format!("{path}:1:1: nothing reads this file"))
        .collect();
    let found = bundle.check(today).err().unwrap_or_default();
    let (errors, warnings): (Vec<_>, Vec<_>) = found.iter().partition(|it| it.is_error());
    problems.extend(errors.into_iter().map(ToString::to_string));
    let version = match Version::of(bundle) {
        Ok(version) => version,
        Err(found) => {
            let warnings: Vec<String> = warnings.into_iter().map(ToString::to_string).collect();
            problems.extend(found.into_iter().filter(|it| !warnings.contains(it)));
            return Err(told(problems));
        }
    };
    let tables: BTreeMap<String, String> = bundle
        .policy_tests()
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
    match version.policies.test(&version.catalog, &tables, today) {
        Ok(results) => problems.extend(results.into_iter().filter_map(|result| {
            let (file, line, name) = (result.file, result.line, result.name);
            let failure = result.failure?;
            Some(format!("{file}:{line}:1: `{name}`: {failure}"))
        })),
        Err(found) => problems.extend(found.iter().map(ToString::to_string)),
    }
    match problems.is_empty() {
        true => Ok(version),
        false => Err(told(problems)),
    }
}

fn told(mut problems: Vec<String>) -> Refusal {
    problems.sort();
    problems.dedup();
    let more = problems.len().saturating_sub(MOST_TOLD);
    problems.truncate(MOST_TOLD);
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    Denial::Malformed.because(problems.join("\n")).at("/files")
}

/// Why somebody wants it, in a sentence that is kept.
///
/// # Errors
/// `reason-missing`, `malformed`.
pub(super) fn note(text: &str) -> Result<String, Refusal> {
    let missing = "say in a sentence why this is changed";
    if text.chars().filter(|it| it.is_alphanumeric()).count() < 3 {
        return Err(Denial::ReasonMissing.because(missing).at("/note"));
    }
    sentence(text, "/note", missing)
}
