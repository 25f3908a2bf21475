//! Deciding: approve, deny, ask, offer.

use locum_api::{ApproveBody, AskBody, Client, DenyBody, OfferBody, RequestView};

use super::request::{applications, card};
use crate::args::ApproveArgs;
use crate::failure::Failure;
use crate::output::Output;

/// Approves what the server shows now, after showing it, or only what `--digest` names.
pub(crate) async fn approve(
    client: &Client,
    output: &Output,
    args: ApproveArgs,
) -> Result<(), Failure> {
    let id = &args.id;
    let scope_digest = match args.digest {
        Some(digest) => digest,
        None => {
            let shown: RequestView = client.get(&format!("/api/v1/requests/{id}")).await?;
            eprintln!("{}", card(output, &shown));
            shown.scope_digest
        }
    };
    let body = ApproveBody {
        scope_digest,
        note: args.note,
        unavoidable_because: args.because,
        compensating_controls: args.controls,
        covers_narrower: args.covers_narrower,
        signature: None,
    };
    let request: RequestView = client
        .post(&format!("/api/v1/requests/{id}/approve"), &body)
        .await?;
    output.answer(&request, || {
        format!("approved; {} is {}", request.id, request.state)
    })
}

pub(crate) async fn deny(
    client: &Client,
    output: &Output,
    id: &str,
    reason: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{id}/deny");
    let request: RequestView = client.post(&path, &DenyBody { reason }).await?;
    output.answer(&request, || format!("{} is {}", request.id, request.state))
}

pub(crate) async fn ask(
    client: &Client,
    output: &Output,
    id: &str,
    question: String,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{id}/ask");
    let request: RequestView = client.post(&path, &AskBody { question }).await?;
    output.answer(&request, || format!("asked; {} answers", request.requester))
}

pub(crate) async fn offer(
    client: &Client,
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
        .post(&format!("/api/v1/requests/{id}/offer"), &body)
        .await?;
    output.answer(&request, || card(output, &request))
}
