//! One change as people read it: who proposes it and why, what it changes for whom, line by line.

use std::collections::BTreeMap;

use locum_api::{ChangeView, GovernanceView};

use super::lines::lines;
use crate::command::plan::{after_a_start, difference, read_plan};
use crate::command::request::within;
use crate::failure::Failure;
use crate::output::Output;

/// Everything but whose move it is.
pub(super) fn card(
    output: &Output,
    change: &ChangeView,
    before: Option<&GovernanceView>,
) -> Result<String, Failure> {
    let mut sections = vec![head(change)];
    if let Some(plan) = &change.plan {
        let mut planned = read_plan(plan.clone())?;
        planned.against = match before {
            Some(_) => "what is in force".to_owned(),
            None => "what was in force when it was proposed".to_owned(),
        };
        sections.push(difference(&planned, output));
        let paths = planned.plan.files.iter().map(|it| it.path.as_str());
        sections.extend(texts(paths, change, before));
    }
    if change.state == "waiting" {
        sections.extend(after_a_start(&change.restart));
    }
    Ok(sections.join("\n\n"))
}

fn head(change: &ChangeView) -> String {
    let mut text = format!(
        "{}  {}\n{} proposed it at {}: {}\ndigest {}\nbase   {}",
        change.id,
        change.state,
        change.by,
        change.at,
        within(&change.note),
        change.digest,
        change.base,
    );
    if let (Some(by), Some(at)) = (&change.decided_by, &change.decided_at) {
        let verb = match change.state.as_str() {
            "applied" => "confirmed",
            "denied" => "denied",
            _ => "took back",
        };
        text.push_str(&format!("\n{by} {verb} it at {at}"));
    }
    if let Some(because) = &change.denied_because {
        text.push_str(&format!(": {}", within(because)));
    }
    match change.loosens.as_slice() {
        [] => text.push_str("\nloosens nothing"),
        // The plan has them, each in its place.
        loosens if change.plan.is_some() => {
            let what = if loosens.len() == 1 {
                "thing"
            } else {
                "things"
            };
            text.push_str(&format!("\nloosens {} {what}", loosens.len()));
        }
        loosens => {
            text.push_str("\nloosens:");
            for says in loosens {
                text.push_str(&format!("\n  - {}", within(says)));
            }
        }
    }
    text
}

/// The lines of every text that differs, while what it replaces can be read.
fn texts<'p>(
    paths: impl Iterator<Item = &'p str>,
    change: &ChangeView,
    before: Option<&GovernanceView>,
) -> Vec<String> {
    let (Some(after), Some(before)) = (
        change.files.as_ref(),
        before.and_then(|it| it.files.as_ref()),
    ) else {
        return Vec::new();
    };
    let text =
        |files: &BTreeMap<String, String>, path: &str| files.get(path).cloned().unwrap_or_default();
    paths
        .map(|path| {
            let compared = lines(&text(before, path), &text(after, path));
            format!("{path}\n{}", compared.trim_end())
        })
        .collect()
}
