//! Deciding: approve, deny, ask, offer.

use locum_api::{ApproveBody, AskBody, DenyBody, OfferBody, RequestView};

use super::request::{applications, card};
use crate::args::ApproveArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

/// Approves what the server shows now, after showing it, or only what `--digest` names. A person at a terminal is
/// asked once more; a script in a pipe has said what it wants.
pub(crate) async fn approve(
    client: &Connection<'_>,
    output: &Output,
    args: ApproveArgs,
) -> Result<(), Failure> {
    let id = &args.id;
    let scope_digest = match args.digest {
        Some(digest) => digest,
        None => {
            let shown: RequestView = client
                .get(&format!("/api/v1/requests/{}", encoded(id)))
                .await?;
            output.remark(&card(output, &shown));
            if !args.yes && output.confirmed("\nApprove exactly this?") == Some(false) {
                return Err(Failure::State("nothing was approved".to_owned()));
            }
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
        .post(&format!("/api/v1/requests/{}/approve", encoded(id)), &body)
        .await?;
    output.answer(&request, || {
        format!("approved; {} is {}", request.id, request.state)
    })
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
