//! What an emergency skipped, signed afterwards.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use locum_api::{CountersignBody, CountersignWordsBody, RequestView, StatementView};
use locum_control::countersign::{self, Countersign};
use locum_domain::{RequestId, Signature};

use super::words;
use crate::command::Command;
use crate::refused::Refused;
use crate::views;

type Answer = Result<Response, Refused>;

/// Signs for an authority that the emergency skipped and the caller holds.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/countersign",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = CountersignBody,
    responses((status = 200, body = RequestView, description = "The request with the signature on it"))
)]
pub(crate) async fn sign(Path(id): Path<String>, command: Command) -> Answer {
    let act = "countersign";
    let id: RequestId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<CountersignBody>(act).await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let words = Countersign {
        scope_digest: body.scope_digest,
        note: body.note,
        signature: command.typed(act, signature).await?,
    };
    let control = command.front.control();
    let request = countersign::countersign(control, &command.caller, &id, &words).await?;
    Ok(views::request(StatusCode::OK, &request))
}

/// What the caller would sign with this note. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/countersign/statement",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = CountersignWordsBody,
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn what_to_sign(Path(id): Path<String>, command: Command) -> Answer {
    let act = "countersign";
    let id: RequestId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<CountersignWordsBody>(act).await?;
    let (control, note) = (command.front.control(), body.note.as_deref());
    let statement = countersign::countersign_statement(control, &command.caller, &id, note).await;
    let statement = command.typed(act, statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}
