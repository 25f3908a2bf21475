//! Reading a folder as the server would.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use locum_catalog::{Bundle, Checked, Deployment, Settings};
use locum_plan::Version;

use crate::command::policy::lines;
use crate::environment::variables;
use crate::failure::Failure;
use crate::output::Output;

/// A folder of files, read.
#[derive(Debug)]
pub struct OnDisk {
    pub settings: Settings,
    pub bundle: Bundle,
    pub version: Version,
    /// The day it is in the operator's time zone.
    pub today: Date,
}

/// Reads the folder of a `locum.toml`. Warnings go to standard error.
pub fn on_disk(directory: &Path, output: &Output) -> Result<OnDisk, Failure> {
    let config = directory.join("locum.toml");
    let now = Timestamp::now();
    let day = |zone: TimeZone| now.to_zoned_datetime(zone).date();
    let read = Deployment::read(&config, &variables(), day(TimeZone::UTC));
    let Checked { value, warnings } =
        read.map_err(|problems| Failure::Usage(lines(problems.iter())))?;
    if !warnings.is_empty() {
        output.remark(&lines(warnings.iter()));
    }
    let zone = TimeZone::get(&value.settings.policies.time_zone).unwrap_or(TimeZone::UTC);
    let version =
        Version::of(&value.bundle).map_err(|problems| Failure::Usage(problems.join("\n")))?;
    Ok(OnDisk {
        settings: value.settings,
        bundle: value.bundle,
        version,
        today: day(zone),
    })
}
