//! Changes of what counts: listed, shown, and the second person's yes or no.

mod card;
mod lines;

use locum_api::{ChangeView, ConfirmChangeBody, GovernanceView, Listing, Problem, ReasonBody};
use locum_catalog::Bundle;
use serde_json::json;

use super::beside::elsewhere;
use super::plan::in_force;
use crate::args::{ChangesArgs, ChangesCommand};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::{encoded, query};
use card::card;

pub(crate) async fn changes(
    client: &Connection<'_>,
    output: &Output,
    args: ChangesArgs,
) -> Result<(), Failure> {
    match args.command {
        None => list(client, output, args.state.as_deref()).await,
        Some(ChangesCommand::Show { id }) => show(client, output, &id).await,
        Some(ChangesCommand::Confirm { id, digest, yes }) => {
            confirm(client, output, &id, digest, yes).await
        }
        Some(ChangesCommand::Deny { id, reason }) => {
            let body = ReasonBody { reason };
            let change = client.post(&path(&id, "/deny"), &body).await?;
            stands(client, output, &change)
        }
        Some(ChangesCommand::Withdraw { id }) => {
            let change = client.post(&path(&id, "/withdraw"), &json!({})).await?;
            stands(client, output, &change)
        }
    }
}

fn path(id: &str, act: &str) -> String {
    format!("/api/v1/changes/{}{act}", encoded(id))
}

fn stands(client: &Connection<'_>, output: &Output, change: &ChangeView) -> Result<(), Failure> {
    output.answer(change, || where_it_stands(client, change))
}

async fn list(
    client: &Connection<'_>,
    output: &Output,
    state: Option<&str>,
) -> Result<(), Failure> {
    let path = match query(&[("state", state)]).as_str() {
        "" => "/api/v1/changes".to_owned(),
        query => format!("/api/v1/changes?{query}"),
    };
    let all: Listing<ChangeView> = client.get(&path).await?;
    output.answer(&all, || table(output, state, &all.items))
}

fn table(output: &Output, state: Option<&str>, items: &[ChangeView]) -> String {
    if items.is_empty() {
        return match state {
            Some(state) => format!("no change that you may see is {state}"),
            None => "no change that is yours to see; `locum apply DIR` proposes one".to_owned(),
        };
    }
    let row = |it: &ChangeView| {
        // A line each in a pipe, whatever somebody wrote.
        let note = it.note.replace(['\n', '\r'], " ");
        [
            it.id.clone(),
            it.state.clone(),
            format!("{note}. By {}; {}", it.by, whose_move(it)),
        ]
    };
    output.table(["CHANGE", "STATE", "WHAT"], items.iter().map(row))
}

/// Who has to do something about it, or who did.
fn whose_move(it: &ChangeView) -> String {
    let by = it.decided_by.as_deref();
    match (it.state.as_str(), by) {
        ("waiting", _) if is_overtaken(it) => {
            "overtaken: something else was applied meanwhile".to_owned()
        }
        ("waiting", _) if it.may_confirm => "waits for you to confirm or deny".to_owned(),
        ("waiting", _) => format!("waits for {}", it.could_confirm.join(" or ")),
        ("applied", Some(by)) => format!("{by} confirmed it"),
        ("applied", None) => "it loosens nothing".to_owned(),
        ("denied", Some(by)) => format!("{by} said no"),
        _ => "taken back".to_owned(),
    }
}

/// Whether it waits for nobody any more, for what it stands on gave way.
fn is_overtaken(it: &ChangeView) -> bool {
    it.state == "waiting" && it.could_confirm.is_empty()
}

/// Where it stands, in a few lines.
pub(super) fn where_it_stands(client: &Connection<'_>, it: &ChangeView) -> String {
    let by = it.decided_by.as_deref().unwrap_or_default();
    match it.state.as_str() {
        "waiting" if is_overtaken(it) => format!(
            "{}: something else was applied since it was proposed. Nobody can confirm it any more; plan it again, and \
             `locum changes withdraw {}`",
            it.id, it.id
        ),
        "waiting" if it.may_confirm => format!(
            "{} waits for you. Until then nothing of it counts.\n\
             yes: locum changes confirm {}\n\
             no:  locum changes deny {} --reason '…'\n\
             or in a browser: {}/changes/{}",
            it.id,
            it.id,
            it.id,
            client.base(),
            it.id,
        ),
        "waiting" => format!(
            "{} waits for {}. Until then nothing of it counts.\n\
             they run: locum changes confirm {}\n\
             or in a browser: {}/changes/{}",
            it.id,
            it.could_confirm.join(" or "),
            it.id,
            client.base(),
            it.id,
        ),
        "applied" => {
            let mut text = format!("in force: {} (digest {})", it.id, it.digest);
            text.extend(super::plan::after_a_start(&it.restart).map(|it| format!("\n{it}")));
            text
        }
        "denied" => format!("{} is denied by {by}; nothing of it counts", it.id),
        state => format!("{} is {state}; nothing of it counts", it.id),
    }
}

async fn show(client: &Connection<'_>, output: &Output, id: &str) -> Result<(), Failure> {
    let change: ChangeView = client.get(&path(id, "")).await?;
    let before = replaced(client, &change).await?;
    let text = card(output, &change, before.as_ref())?;
    output.answer(&change, || {
        format!("{text}\n\n{}", where_it_stands(client, &change))
    })
}

/// What it would replace, while that is in force and the caller may read it.
async fn replaced(
    client: &Connection<'_>,
    change: &ChangeView,
) -> Result<Option<GovernanceView>, Failure> {
    let governance = in_force(client).await?;
    Ok(Some(governance).filter(|it| it.digest == change.base))
}

/// Confirms what the server shows now, after showing it, or only what `digest` names.
async fn confirm(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    digest: Option<String>,
    yes: bool,
) -> Result<(), Failure> {
    let digest = match digest {
        Some(digest) => digest,
        None => {
            let change: ChangeView = client.get(&path(id, "")).await?;
            is_of_its_files(&change)?;
            if !output.is_json() {
                let before = replaced(client, &change).await?;
                output.remark(&card(output, &change, before.as_ref())?);
            }
            if let Some(refusal) = &change.may_not_confirm {
                return Err(Failure::Refused(Box::new(Problem {
                    remedy: Some(refusal.remedy.clone()),
                    ..Problem::new(403, &refusal.code, refusal.detail.clone())
                })));
            }
            let question = "\nLet exactly this count, at once and for everybody?";
            if !yes && output.confirmed(question) == Some(false) {
                return Err(Failure::State("nothing was confirmed".to_owned()));
            }
            change.digest
        }
    };
    let body = ConfirmChangeBody {
        digest,
        signature: None,
    };
    let confirmed = client.post(&path(id, "/confirm"), &body).await;
    let page = format!("changes/{}", encoded(id));
    let change = confirmed.map_err(|failure| elsewhere(client, &page, failure))?;
    stands(client, output, &change)
}

/// Whether the digest is that of the files and settings that are shown, where all of them are.
fn is_of_its_files(change: &ChangeView) -> Result<(), Failure> {
    let (Some(files), Some(settings)) = (&change.files, &change.settings) else {
        return Ok(());
    };
    let bundle = Bundle::recorded(files.clone(), settings.clone());
    if bundle.is_ok_and(|it| it.digest() == change.digest) {
        return Ok(());
    }
    let why = "the server's digest is not that of the files it shows; nothing was confirmed";
    Err(Failure::State(why.to_owned()))
}
