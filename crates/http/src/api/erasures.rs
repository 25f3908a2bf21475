//! What the record holds of one subject, taken away by two people.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{ConfirmBody, ErasureBody, ErasureView, Listing, ReasonBody, StatementView};
use locum_control::erasures;
use locum_domain::{ErasureId, Signature, SubjectId};

use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// Every erasure, newest first, for privacy, compliance, security and auditors.
#[utoipa::path(
    get,
    path = "/api/v1/erasures",
    tag = "erasures",
    responses((status = 200, body = Listing<ErasureView>, description = "Waiting, done and denied ones"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let found = erasures::erasures(front.control(), &caller).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(found.iter().map(ErasureView::from).collect(), None))
}

/// Asks for what the record holds of a subject to be erased. Nothing is before somebody else confirms.
#[utoipa::path(
    post,
    path = "/api/v1/erasures",
    tag = "erasures",
    request_body = ErasureBody,
    responses((status = 201, body = ErasureView, description = "Asked for"))
)]
pub(crate) async fn ask(command: Command) -> Answer {
    let act = "ask-erasure";
    let body = command.read::<ErasureBody>(act).await?;
    let subject = words::name::<SubjectId>(&body.subject, "/subject");
    let subject = command.typed(act, subject).await?;
    let control = command.front.control();
    let erasure = erasures::ask_erasure(control, &command.caller, &subject, &body.reason).await?;
    let view = ErasureView::from(&erasure);
    Ok((axum::http::StatusCode::CREATED, Json(view)).into_response())
}

/// What the caller would sign to confirm it. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/erasures/{id}/statement",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id, `era_…`")),
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn statement(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-erasure";
    let id: ErasureId = command.typed(act, words::id(&id)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let statement = erasures::erasure_statement(control, &command.caller, &id).await;
    let statement = command.typed(act, statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}

/// Confirms it, as somebody else without any part: the data is gone when this answers.
#[utoipa::path(
    post,
    path = "/api/v1/erasures/{id}/confirm",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id, `era_…`")),
    request_body = ConfirmBody,
    responses((status = 200, body = ErasureView, description = "Done"))
)]
pub(crate) async fn confirm(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-erasure";
    let id: ErasureId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ConfirmBody>(act).await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let signature = command.typed(act, signature).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let erasure = erasures::confirm_erasure(control, caller, &id, signature.as_ref()).await?;
    Ok(Json(ErasureView::from(&erasure)).into_response())
}

/// Says no to it; whoever asked may take it back so.
#[utoipa::path(
    post,
    path = "/api/v1/erasures/{id}/deny",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id, `era_…`")),
    request_body = ReasonBody,
    responses((status = 200, body = ErasureView, description = "Denied"))
)]
pub(crate) async fn deny(Path(id): Path<String>, command: Command) -> Answer {
    let act = "deny-erasure";
    let id: ErasureId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ReasonBody>(act).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let erasure = erasures::deny_erasure(control, caller, &id, &body.reason).await?;
    Ok(Json(ErasureView::from(&erasure)).into_response())
}
