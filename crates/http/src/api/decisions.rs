//! Decisions of the people whom a route names.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use locum_api::{
    ApproveBody, AskBody, DenyBody, OfferBody, RequestView, StatementBody, StatementView,
};
use locum_control::approve::Approve;
use locum_control::{approve, ask, deny, offer};
use locum_domain::request::ApprovalWords;
use locum_domain::{RequestId, Signature};

use super::words;
use crate::command::Command;
use crate::precondition;
use crate::refused::Refused;
use crate::views;

type Answer = Result<Response, Refused>;

/// Approves exactly what was shown.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/approve",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = ApproveBody,
    responses((status = 200, body = RequestView, description = "The request with the approval on it"))
)]
pub(crate) async fn approve(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("approve", words::id(&id)).await?;
    let body = command.read::<ApproveBody>("approve").await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let words = Approve {
        scope_digest: body.scope_digest,
        note: body.note,
        unavoidable_because: body.unavoidable_because,
        compensating_controls: body.compensating_controls,
        covers_narrower: body.covers_narrower,
        signature: command.typed("approve", signature).await?,
    };
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = approve::approve(control, &caller, &id, &words).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// What the caller would sign to approve the request in these words. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/statement",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = StatementBody,
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn statement(Path(id): Path<String>, command: Command) -> Answer {
    let act = "approve";
    let id: RequestId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<StatementBody>(act).await?;
    let words = ApprovalWords {
        note: body.note,
        unavoidable_because: body.unavoidable_because,
        compensating_controls: body.compensating_controls,
        covers_narrower: body.covers_narrower,
    };
    let control = command.front.control();
    let statement = approve::statement(control, &command.caller, &id, &words).await;
    let statement = command.typed(act, statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}

/// Denies the request as a whole.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/deny",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = DenyBody,
    responses((status = 200, body = RequestView, description = "Denied"))
)]
pub(crate) async fn deny(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("deny", words::id(&id)).await?;
    let body = command.read::<DenyBody>("deny").await?;
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = deny::deny(control, &caller, &id, &body.reason).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Puts a question to the requester.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/ask",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = AskBody,
    responses((status = 200, body = RequestView, description = "The request with the question on it"))
)]
pub(crate) async fn ask(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("ask", words::id(&id)).await?;
    let body = command.read::<AskBody>("ask").await?;
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = ask::ask(control, &caller, &id, &body.question).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Offers a narrower or shorter version, which the requester may take.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/offer",
    tag = "decisions",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = OfferBody,
    responses((status = 200, body = RequestView, description = "The request with the offer on it"))
)]
pub(crate) async fn offer(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("offer", words::id(&id)).await?;
    let body = command.read::<OfferBody>("offer").await?;
    let terms = command.typed("offer", words::offer(body)).await?;
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = offer::offer(control, &caller, &id, &terms).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}
