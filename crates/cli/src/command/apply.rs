//! Proposing a folder: it counts at once where it loosens nothing, and waits for a second person where it does.

use locum_api::ChangeView;
use serde_json::json;

use super::changes::where_it_stands;
use super::plan::{Reader, in_force, on_disk, preview, proposed, remedied, sheet, unreadable};
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
    let (told, base) = previewed.map_err(|failure| remedied(&args.directory, failure))?;
    let reader = Reader {
        is_proposer: true,
        could_apply: None,
    };
    if !output.is_json() {
        output.remark(&sheet(&told, &reader, output));
    }
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
    let change: ChangeView = applied.map_err(|failure| remedied(&args.directory, failure))?;
    output.answer(&change, || where_it_stands(client, &change))
}
