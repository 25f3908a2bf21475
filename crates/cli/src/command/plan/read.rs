//! Reading a folder as the server would.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use locum_catalog::{Bundle, Checked, Deployment, Problem, Settings, policies_of};
use locum_plan::Version;
use locum_policy::Policies;

use crate::command::policy::lines;
use crate::environment::variables;
use crate::failure::Failure;
use crate::output::Output;
use crate::problems::{failing_cases, policy_problems, tell_problems};

/// A folder of files, read.
#[derive(Debug)]
pub struct OnDisk {
    /// As it was named.
    pub folder: PathBuf,
    pub settings: Settings,
    pub bundle: Bundle,
    pub version: Version,
    /// The day it is in the operator's time zone.
    pub today: Date,
}

/// Reads the folder of a `locum.toml`. Warnings go to standard error.
///
/// # Errors
/// [`Failure::Usage`] with every problem of settings, catalog and policies at once.
pub fn on_disk(directory: &Path, output: &Output) -> Result<OnDisk, Failure> {
    let (config, variables) = (directory.join("locum.toml"), variables());
    let now = Timestamp::now();
    let day = |zone: TimeZone| now.to_zoned_datetime(zone).date();
    let (deployment, mut problems) = match Deployment::read(&config, &variables, day(TimeZone::UTC))
    {
        Ok(Checked { value, warnings }) => (Some(value), warnings),
        Err(problems) => (None, problems),
    };
    let operator = policies_of(&config, &variables);
    if let Err(found) = Policies::load(&operator) {
        problems.extend(policy_problems(found, &operator));
    }
    let is_wrong = problems.iter().any(Problem::is_error);
    let Some(deployment) = deployment.filter(|_| !is_wrong) else {
        return Err(unreadable(directory, &problems, output));
    };
    // A machine reads one document there.
    if !output.is_json() {
        tell_problems(&problems);
    }
    let zone = TimeZone::get(&deployment.settings.policies.time_zone).unwrap_or(TimeZone::UTC);
    let version = Version::of(&deployment.bundle);
    Ok(OnDisk {
        folder: directory.to_owned(),
        settings: deployment.settings,
        bundle: deployment.bundle,
        version: version.map_err(|problems| Failure::Usage(problems.join("\n")))?,
        today: day(zone),
    })
}

impl OnDisk {
    /// The table tests that do not hold: a server refuses what fails its own tests.
    pub(crate) fn failing(&self) -> Vec<Problem> {
        let tables = self.bundle.policy_tests();
        let tables: BTreeMap<String, String> = tables
            .map(|(file, text)| (file.to_owned(), text.to_owned()))
            .collect();
        let Version {
            catalog, policies, ..
        } = &self.version;
        match policies.test(catalog, &tables, self.today) {
            Ok(results) => failing_cases(results, &tables),
            Err(found) => policy_problems(found, &tables),
        }
    }
}

/// The failure that these problems are: told one by one, or as a machine's one document.
pub(crate) fn unreadable(directory: &Path, problems: &[Problem], output: &Output) -> Failure {
    if output.is_json() {
        return Failure::Usage(lines(problems.iter()));
    }
    tell_problems(problems);
    let count = problems.iter().filter(|it| it.is_error()).count();
    let what = if count == 1 { "problem" } else { "problems" };
    Failure::Usage(format!("{count} {what} in `{}`", directory.display()))
}
