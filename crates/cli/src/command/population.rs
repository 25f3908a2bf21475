//! The evidence of a whole period: exported, and judged without any server.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use locum_evidence::{EventTold, PopulationVerified};
use serde::Serialize;

use crate::args::EvidenceExportArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

/// Which end of a period a date stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The first moment of the day.
    From,
    /// The first moment after it.
    To,
}

pub(crate) async fn export(
    client: &Connection<'_>,
    output: &Output,
    args: &EvidenceExportArgs,
) -> Result<(), Failure> {
    let (Some(from), Some(to)) = (&args.from, &args.to) else {
        return Err(Failure::Usage(
            "name an access event, or a period with --from and --to".to_owned(),
        ));
    };
    let (from, to) = (moment(from, End::From)?, moment(to, End::To)?);
    if from >= to {
        return Err(Failure::Usage(format!("{from} is not before {to}")));
    }
    let mut path = format!(
        "/api/v1/evidence?from={}&to={}",
        encoded(&from.to_string()),
        encoded(&to.to_string())
    );
    for (name, value) in [("application", &args.application), ("actor", &args.actor)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", encoded(value));
        }
    }
    let file = &args.output;
    let bytes = taken(client, &path, file).await?;
    let written = serde_json::json!({ "from": from, "to": to, "file": file, "bytes": bytes });
    output.answer(&written, || format!("{bytes} bytes in {}", file.display()))
}

/// Writes what the server sends beside the file, which gets its name when all of it is there.
async fn taken(client: &Connection<'_>, path: &str, file: &Path) -> Result<u64, Failure> {
    let unwritable =
        |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", file.display()));
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = std::path::PathBuf::from(beside);
    let mut part = File::create(&beside).map_err(unwritable)?;
    let mut bytes = 0_u64;
    let taken = client
        .download(path, |chunk| {
            bytes += chunk.len() as u64;
            part.write_all(chunk)
        })
        .await;
    let kept = taken.and_then(|written| {
        written.map_err(unwritable)?;
        part.sync_all().map_err(unwritable)?;
        std::fs::rename(&beside, file).map_err(unwritable)
    });
    if kept.is_err() {
        // What is left of it is nobody's evidence; that it cannot be removed changes nothing about the failure.
        let _ = std::fs::remove_file(&beside);
    }
    kept.map(|()| bytes)
}

/// A time, or a day in UTC: the first moment of it, or for the period's end the first moment after it.
fn moment(text: &str, end: End) -> Result<Timestamp, Failure> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wrong = || {
        Failure::Usage(format!(
            "`{text}` is neither a time (2026-11-01T08:00:00Z) nor a day (2026-11-01)"
        ))
    };
    // Only a day: a date with half a time is a slip, not midnight.
    let day: Date = text.parse().map_err(|_| wrong())?;
    if day.to_string() != text {
        return Err(wrong());
    }
    let day = match end {
        End::From => Ok(day),
        End::To => day.checked_add(1.day()),
    };
    let midnight = day.and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)));
    midnight.map_err(|_| wrong())
}

/// The verdict as a machine reads it.
#[derive(Serialize)]
pub(super) struct Verdict<'a> {
    pub(super) verified: bool,
    #[serde(flatten)]
    pub(super) population: &'a PopulationVerified,
}

/// The verdict in one sentence, and every event on a line.
pub(super) fn told(output: &Output, verified: &PopulationVerified) -> String {
    let events = &verified.population.events;
    if events.is_empty() {
        return verified.sentence.clone();
    }
    let row = |it: &EventTold| {
        let applications: Vec<&str> = it.applications.iter().map(|it| it.as_str()).collect();
        [
            it.event.to_string(),
            format!("{:.0}", it.filed.at),
            it.actor.to_string(),
            it.subject.to_string(),
            applications.join(", "),
            it.state.clone(),
            it.findings.len().to_string(),
        ]
    };
    let head = [
        "ACCESS EVENT",
        "FILED",
        "ACTOR",
        "SUBJECT",
        "APPLICATIONS",
        "STATE",
        "FINDINGS",
    ];
    format!(
        "{}\n\n{}",
        verified.sentence,
        output.table(head, events.iter().map(row))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_for_all_of_itself() {
        for (text, from, to) in [
            ("2026-11-01", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
            ("2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
            (
                "2026-11-01T08:30:00+01:00",
                "2026-11-01T07:30:00Z",
                "2026-11-01T07:30:00Z",
            ),
        ] {
            assert_eq!(moment(text, End::From).unwrap().to_string(), from);
            assert_eq!(moment(text, End::To).unwrap().to_string(), to);
        }
        for text in ["", "November", "2026-13-01", "2026-11-01T08", "20261101"] {
            let failure = moment(text, End::From).unwrap_err();
            assert!(matches!(failure, Failure::Usage(_)), "{text}: {failure}");
        }
    }
}
