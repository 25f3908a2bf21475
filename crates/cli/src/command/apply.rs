//! Proposing a folder: it counts at once where it loosens nothing, and waits for a second person where it does.

use locum_api::ChangeView;
use locum_domain::Denial;
use serde_json::json;

use super::changes::where_it_stands;
use super::plan::{Next, in_force, on_disk, preview, proposed, sheet, unreadable};
use crate::args::ApplyArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;

/// Shows what it changes, asks a person at a terminal, and proposes it on exactly what was shown.
pub(crate) async fn apply(
    client: &Connection<'_>,
    output: &Output,
    args: ApplyArgs,
) -> Result<(), Failure> {
    if args.note.is_none() && (args.yes || !output.is_asking()) {
        let why = "say why with --note: it stays on the record, and a second person reads it";
        return Err(Failure::Usage(why.to_owned()));
    }
    let after = on_disk(&args.directory, output)?;
    let failing = after.failing();
    if !failing.is_empty() {
        return Err(unreadable(&args.directory, &failing, output));
    }
    let in_force = in_force(client).await?;
    if in_force.digest == after.version.digest {
        let document = json!({ "state": "in-force", "digest": in_force.digest });
        return output.answer(&document, || {
            format!(
                "nothing to apply: exactly this is in force at {}",
                client.base()
            )
        });
    }
    let mut body = proposed(&after, args.base.clone(), args.note.clone());
    let previewed = preview(client, output, &after, &in_force, &body).await;
    let (told, base) = previewed.map_err(|failure| remedied(&args, failure))?;
    output.remark(&sheet(&told, &Next::Nothing, output));
    if !args.yes
        && output.confirmed(&format!("\nApply exactly this at {}?", client.base())) == Some(false)
    {
        return Err(Failure::State("nothing was applied".to_owned()));
    }
    if args.note.is_none() {
        let note = output.asked("Why? It stays on the record:");
        body.note = note.unwrap_or_default();
    }
    // What was shown, or nothing.
    body.base = Some(base);
    let applied = client.post("/api/v1/changes", &body).await;
    let change: ChangeView = applied.map_err(|failure| remedied(&args, failure))?;
    output.answer(&change, || where_it_stands(client, &change))
}

/// What helps here, where the server's remedy is one for requests.
fn remedied(args: &ApplyArgs, failure: Failure) -> Failure {
    let Failure::Refused(mut problem) = failure else {
        return failure;
    };
    let folder = args.directory.display();
    let is = |denial: Denial| problem.code == denial.code();
    let remedy = if is(Denial::StaleApproval) {
        Some(format!(
            "somebody applied something else: `locum plan {folder}` says what yours changes of it now"
        ))
    } else if is(Denial::NotAnApprover) {
        Some(
            "have somebody of security apply it, or the owner of the one application it is about"
                .to_owned(),
        )
    } else if is(Denial::NoApproverLeft) {
        Some("let somebody propose it who does not hold that authority alone, or leave out what they gain".to_owned())
    } else if is(Denial::TooManyOpen) {
        Some("confirm, deny or withdraw some first: `locum changes --state waiting`".to_owned())
    } else if is(Denial::Malformed) {
        Some(format!(
            "correct the files in {folder}: `locum check` names most faults before"
        ))
    } else if is(Denial::ReasonMissing) {
        Some("say why with --note".to_owned())
    } else if is(Denial::Conflict) {
        Some(format!("correct that in {folder}"))
    } else {
        None
    };
    if let Some(remedy) = remedy {
        problem.remedy = Some(remedy);
    }
    Failure::Refused(problem)
}
