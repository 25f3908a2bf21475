//! The same from the server: what proposing a folder would do, in the name of whoever is signed in.

use locum_api::{GovernanceView, PreviewedChangeView, Problem, ProposeChangeBody};
use locum_domain::Denial;
use locum_plan::{Plan, Planned, Version};

use super::{OnDisk, Told, on_disk, planned, say};
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
    let told = match preview(client, output, &after, &proposed(&after, None, None)).await {
        Ok(found) => found.map_or_else(|| nothing(client, &after), |(told, _)| told),
        Err(Failure::Refused(problem)) if only_looks(&problem) => {
            let told = looked(client, output, &after).await;
            let told = told?.ok_or(Failure::Refused(problem.clone()))?;
            output.remark(&format!(
                "! you could not apply it: {} ({})",
                problem.detail, problem.code
            ));
            told
        }
        Err(failure) => return Err(failure),
    };
    say(args, &after, &told, true, output)
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

/// What proposing it would do, and the digest of what is in force; nothing where nothing differs.
pub(crate) async fn preview(
    client: &Connection<'_>,
    output: &Output,
    after: &OnDisk,
    body: &ProposeChangeBody,
) -> Result<Option<(Told, String)>, Failure> {
    let previewed = client.post("/api/v1/changes/preview", body).await;
    let previewed: PreviewedChangeView = match previewed {
        Ok(previewed) => previewed,
        Err(Failure::Refused(problem)) if problem.code == Denial::AlreadyDecided.code() => {
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    };
    let mut planned = read(previewed.plan)?;
    planned.against = against(client);
    // Rules are for the solver only where they differ, and whoever may not read those in force cannot compare them.
    let before = match planned.plan.rules.is_empty() {
        true => None,
        false => in_force(client).await?,
    };
    let mut told = Told::of(planned, before.as_ref(), &after.version, output).await;
    told.restart = previewed.restart;
    Ok(Some((told, previewed.base)))
}

/// A plan as the server tells it.
pub(crate) fn read(plan: serde_json::Value) -> Result<Planned, Failure> {
    let read = serde_json::from_value(plan);
    read.map_err(|error| Failure::State(format!("the server's plan cannot be read: {error}")))
}

/// The difference as it is computed here, where what is in force may be read.
async fn looked(
    client: &Connection<'_>,
    output: &Output,
    after: &OnDisk,
) -> Result<Option<Told>, Failure> {
    let Some(before) = in_force(client).await? else {
        return Ok(None);
    };
    let planned = planned(Some(&before), after, against(client), output);
    Ok(Some(
        Told::of(planned, Some(&before), &after.version, output).await,
    ))
}

/// What is in force, for whoever may read it.
async fn in_force(client: &Connection<'_>) -> Result<Option<Version>, Failure> {
    let governance: GovernanceView = client.get("/api/v1/governance").await?;
    let (Some(files), Some(settings)) = (&governance.files, &governance.settings) else {
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
