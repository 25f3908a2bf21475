//! Deciding: approve, deny, ask, offer.

use std::path::Path;

use locum_api::{
    ApproveBody, AskBody, DenyBody, MeView, OfferBody, RequestView, SignatureBody, StatementBody,
    StatementView, StepView,
};

use super::request::{applications, card, within};
use super::signing;
use crate::args::ApproveArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::key_file::KeyFile;
use crate::output::Output;
use crate::uri::encoded;

/// Approves what the server shows now, after showing it, or only what `--digest` names. A person at a terminal is
/// asked once more; a script in a pipe has said what it wants.
pub(crate) async fn approve(
    client: &Connection<'_>,
    output: &Output,
    args: ApproveArgs,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}", encoded(&args.id));
    let mut body = ApproveBody {
        scope_digest: args.digest.unwrap_or_default(),
        note: args.note,
        unavoidable_because: args.because,
        compensating_controls: args.controls,
        covers_narrower: args.covers_narrower,
        signature: None,
    };
    if body.scope_digest.is_empty() {
        let shown: RequestView = client.get(&path).await?;
        output.remark(&card(output, &shown));
        body.scope_digest.clone_from(&shown.scope_digest);
        if let Some(file) = &args.key {
            body.signature =
                Some(signed(client, output, &path, &shown, &body, file, args.yes).await?);
        } else {
            agreed(output, "Approve exactly this?", args.yes)?;
        }
    }
    let approved = client.post(&format!("{path}/approve"), &body).await;
    let request: RequestView = approved.map_err(|failure| {
        let is_signed = body.signature.is_some();
        elsewhere(client, &args.id, is_signed, failure)
    })?;
    output.answer(&request, || {
        format!("approved; {} is {}", request.id, request.state)
    })
}

/// The signature over what was shown, by the key in this file.
async fn signed(
    client: &Connection<'_>,
    output: &Output,
    path: &str,
    shown: &RequestView,
    words: &ApproveBody,
    file: &Path,
    yes: bool,
) -> Result<SignatureBody, Failure> {
    let key = KeyFile::read(file)?;
    signing::is_of_the_card(shown)?;
    let me: MeView = client.get("/api/v1/me").await?;
    let asked = StatementBody {
        note: words.note.clone(),
        unavoidable_because: words.unavoidable_because.clone(),
        compensating_controls: words.compensating_controls.clone(),
        covers_narrower: words.covers_narrower,
    };
    let statement: StatementView = client.post(&format!("{path}/statement"), &asked).await?;
    let step = signing::step(shown, &statement)?;
    output.remark(&grounds(&me.id, step, words));
    agreed(output, "Sign and approve exactly this?", yes)?;
    signing::signature(shown, step, &me.id, words, &statement, &key)
}

/// What is signed beside the card: on whose authority, and the approver's own words.
fn grounds(by: &str, step: &StepView, words: &ApproveBody) -> String {
    let mut text = format!("\n{by} decides as {}", step.authority);
    if let Some(application) = &step.application {
        text.push_str(&format!(" for {application}"));
    }
    let mut say = |what: &str, text_of: Option<&String>| {
        if let Some(words) = text_of {
            text.push_str(&format!("\n{what}: {}", within(words)));
        }
    };
    say("note", words.note.as_ref());
    say("unavoidable because", words.unavoidable_because.as_ref());
    for control in &words.compensating_controls {
        say("compensating control", Some(control));
    }
    if words.covers_narrower {
        text.push_str("\nany narrower version is agreed to as well");
    }
    text
}

fn agreed(output: &Output, question: &str, yes: bool) -> Result<(), Failure> {
    if !yes && output.confirmed(&format!("\n{question}")) == Some(false) {
        return Err(Failure::State("nothing was approved".to_owned()));
    }
    Ok(())
}

/// Where a signature is demanded that this machine does not have, the browser has it.
fn elsewhere(client: &Connection<'_>, id: &str, is_signed: bool, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut problem) if problem.code == "signature-required" => {
            let mut remedy = format!(
                "open {}/requests/{} and decide there with your passkey",
                client.base(),
                encoded(id)
            );
            if !is_signed {
                remedy.push_str("; where everything asked for is `low`, `--key FILE` signs here");
            }
            problem.remedy = Some(remedy);
            Failure::Refused(problem)
        }
        other => other,
    }
}

pub(crate) async fn deny(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    reason: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/deny", encoded(id));
    let request: RequestView = client.post(&path, &DenyBody { reason }).await?;
    output.answer(&request, || format!("{} is {}", request.id, request.state))
}

pub(crate) async fn ask(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    question: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/ask", encoded(id));
    let request: RequestView = client.post(&path, &AskBody { question }).await?;
    output.answer(&request, || format!("asked; {} answers", request.requester))
}

pub(crate) async fn offer(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    words: &[String],
    duration_minutes: Option<u32>,
    note: String,
) -> Result<(), Failure> {
    let applications = if words.is_empty() {
        None
    } else {
        Some(applications(words)?)
    };
    let body = OfferBody {
        applications,
        duration_minutes,
        note,
    };
    let request: RequestView = client
        .post(&format!("/api/v1/requests/{}/offer", encoded(id)), &body)
        .await?;
    output.answer(&request, || card(output, &request))
}
