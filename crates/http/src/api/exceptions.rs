//! Closed operations that two people open for a time.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{ConfirmBody, ExceptionBody, ExceptionView, Listing, ReasonBody, StatementView};
use locum_control::exceptions::{self, AskedException};
use locum_domain::{ExceptionId, Refusal, Signature};

use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// The exceptions that the caller may see, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions",
    tag = "exceptions",
    responses((status = 200, body = Listing<ExceptionView>, description = "Waiting, open, denied and ended ones"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let found = exceptions::exceptions(front.control(), &caller).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(found.iter().map(ExceptionView::from).collect(), None))
}

/// Asks for a closed operation to be open. Nothing is open before somebody of the other authority confirms.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions",
    tag = "exceptions",
    request_body = ExceptionBody,
    responses((status = 201, body = ExceptionView, description = "Asked for"))
)]
pub(crate) async fn ask(command: Command) -> Answer {
    let act = "ask-exception";
    let body = command.read::<ExceptionBody>(act).await?;
    let asked = command.typed(act, asked(body)).await?;
    let control = command.front.control();
    let exception = exceptions::ask_exception(control, &command.caller, &asked).await?;
    let view = ExceptionView::from(&exception);
    Ok((axum::http::StatusCode::CREATED, Json(view)).into_response())
}

fn asked(body: ExceptionBody) -> Result<AskedException, Refusal> {
    Ok(AskedException {
        application: words::application(&body.application, "/application")?,
        operation: words::name(&body.operation, "/operation")?,
        reason: body.reason,
        until: words::name(&body.until, "/until")?,
    })
}

/// What the caller would sign to open it. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/{id}/statement",
    tag = "exceptions",
    params(("id" = String, Path, description = "The exception's id, `exc_…`")),
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn statement(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-exception";
    let id: ExceptionId = command.typed(act, words::id(&id)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let statement = exceptions::exception_statement(control, &command.caller, &id).await;
    let statement = command.typed(act, statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}

/// Opens it, as somebody of the other authority.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/{id}/confirm",
    tag = "exceptions",
    params(("id" = String, Path, description = "The exception's id, `exc_…`")),
    request_body = ConfirmBody,
    responses((status = 200, body = ExceptionView, description = "Open until its end"))
)]
pub(crate) async fn confirm(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-exception";
    let id: ExceptionId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ConfirmBody>(act).await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let signature = command.typed(act, signature).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let exception = exceptions::confirm_exception(control, caller, &id, signature.as_ref()).await?;
    Ok(Json(ExceptionView::from(&exception)).into_response())
}

/// Says no to it.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/{id}/deny",
    tag = "exceptions",
    params(("id" = String, Path, description = "The exception's id, `exc_…`")),
    request_body = ReasonBody,
    responses((status = 200, body = ExceptionView, description = "Denied"))
)]
pub(crate) async fn deny(Path(id): Path<String>, command: Command) -> Answer {
    let act = "deny-exception";
    let id: ExceptionId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ReasonBody>(act).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let exception = exceptions::deny_exception(control, caller, &id, &body.reason).await?;
    Ok(Json(ExceptionView::from(&exception)).into_response())
}

/// Closes the operation again before its time, and ends what stands on it. One person is enough.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/{id}/end",
    tag = "exceptions",
    params(("id" = String, Path, description = "The exception's id, `exc_…`")),
    responses((status = 200, body = ExceptionView, description = "Ended"))
)]
pub(crate) async fn end(Path(id): Path<String>, command: Command) -> Answer {
    let act = "end-exception";
    let id: ExceptionId = command.typed(act, words::id(&id)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let exception = exceptions::end_exception(control, &command.caller, &id).await?;
    Ok(Json(ExceptionView::from(&exception)).into_response())
}
