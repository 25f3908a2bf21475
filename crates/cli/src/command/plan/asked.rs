//! The same from the server: what proposing a folder would do, in the name of whoever is signed in.

use locum_api::{GovernanceView, PreviewedChangeView, Problem, ProposeChangeBody};
use locum_domain::Denial;
use locum_plan::{Plan, Planned, Version};

use super::{OnDisk, Reader, Told, on_disk, planned, remedied, say, unreadable};
use crate::args::PlanArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;

/// What stands for a reason where nothing is proposed.
const NOT_PROPOSED: &str = "only looked at, not proposed";

/// Why the caller could not propose it, though they may want to see what it is.
const ONLY_LOOKS: [Denial; 6] = [
    Denial::NotAnApprover,
    Denial::NotANamedPerson,
    Denial::NonHumanApprover,
    Denial::NoApproverLeft,
    Denial::TooManyOpen,
    Denial::Conflict,
];

/// Shows what a folder would change of what is in force at the server.
pub(crate) async fn asked(
    client: &Connection<'_>,
    output: &Output,
    args: &PlanArgs,
) -> Result<(), Failure> {
    let after = on_disk(&args.directory, output)?;
    let in_force = in_force(client).await?;
    if in_force.digest == after.version.digest {
        let told = nothing(client, &after);
        return say(args, &after, &told, &Reader::of(args, true), output);
    }
    let failing = after.failing();
    let problem = if failing.is_empty() {
        let body = proposed(&after, None, None);
        match preview(client, output, &after, &in_force, &body).await {
            Ok((told, _)) => return say(args, &after, &told, &Reader::of(args, true), output),
            Err(Failure::Refused(problem)) if only_looks(&problem) => Some(problem),
            Err(failure) => return Err(remedied(&args.directory, failure)),
        }
    } else {
        // It would be refused, and is told beside the plan.
        None
    };
    let Some(before) = version(&in_force)? else {
        return Err(match problem {
            Some(problem) => remedied(&args.directory, Failure::Refused(problem)),
            None => unreadable(&args.directory, &failing, output),
        });
    };
    let planned = planned(Some(&before), &after, against(client), output);
    let told = Told::of(planned, Some(&before), &after.version, output).await;
    let said = say(args, &after, &told, &Reader::default(), output);
    if let Some(problem) = problem {
        output.remark(&format!("\n! {}", why_not(&problem)));
    }
    said
}

/// Why the reader could not apply what they see. What it loosens stands above already.
fn why_not(problem: &Problem) -> String {
    let detail = match problem.detail.split_once(": ") {
        Some((detail, _)) if problem.code == Denial::NoApproverLeft.code() => detail,
        _ => &problem.detail,
    };
    format!("you could not apply it: {detail} ({})", problem.code)
}

/// What counts at the server, as far as the caller may read it.
pub(crate) async fn in_force(client: &Connection<'_>) -> Result<GovernanceView, Failure> {
    client.get("/api/v1/governance").await
}

/// What is proposed, on what it was compared with.
pub(crate) fn proposed(
    after: &OnDisk,
    base: Option<String>,
    note: Option<String>,
) -> ProposeChangeBody {
    ProposeChangeBody {
        base,
        files: after.bundle.files.clone(),
        settings: after.bundle.settings_value(),
        note: note.unwrap_or_else(|| NOT_PROPOSED.to_owned()),
    }
}

/// What proposing it would do, and the digest of what it was compared with.
pub(crate) async fn preview(
    client: &Connection<'_>,
    output: &Output,
    after: &OnDisk,
    in_force: &GovernanceView,
    body: &ProposeChangeBody,
) -> Result<(Told, String), Failure> {
    let previewed: PreviewedChangeView = client.post("/api/v1/changes/preview", body).await?;
    let mut planned = read(previewed.plan)?;
    planned.against = against(client);
    // What was put in force since it was read is not what this was compared with.
    let is_compared = in_force.digest == previewed.base && !planned.plan.rules.is_empty();
    let before = match is_compared {
        true => version(in_force)?,
        false => None,
    };
    let mut told = Told::of(planned, before.as_ref(), &after.version, output).await;
    told.restart = previewed.restart;
    Ok((told, previewed.base))
}

/// A plan as the server tells it.
pub(crate) fn read(plan: serde_json::Value) -> Result<Planned, Failure> {
    let read = serde_json::from_value(plan);
    read.map_err(|error| Failure::State(format!("the server's plan cannot be read: {error}")))
}

/// It as a version, for whoever may read all of it.
fn version(in_force: &GovernanceView) -> Result<Option<Version>, Failure> {
    let (Some(files), Some(settings)) = (&in_force.files, &in_force.settings) else {
        return Ok(None);
    };
    let version = Version::recorded(files, settings);
    let version = version.map_err(|problems| Failure::State(problems.join("\n")))?;
    Ok(Some(version))
}

fn nothing(client: &Connection<'_>, after: &OnDisk) -> Told {
    let digest = &after.version.digest;
    let plan = Plan {
        before: Some(digest.clone()),
        after: digest.clone(),
        access: Vec::new(),
        deciders: Vec::new(),
        rules: Vec::new(),
        fields: Vec::new(),
        files: Vec::new(),
        troubles: Vec::new(),
    };
    Told {
        planned: Planned::of(plan, against(client), Vec::new()),
        rules: None,
        restart: Vec::new(),
    }
}

fn against(client: &Connection<'_>) -> String {
    format!("what is in force at {}", client.base())
}

fn only_looks(problem: &Problem) -> bool {
    ONLY_LOOKS.iter().any(|it| it.code() == problem.code)
}
