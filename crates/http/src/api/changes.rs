//! Changes of what counts: proposed, and confirmed by a second person where they loosen anything.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use locum_api::{
    ChangeView, ConfirmChangeBody, Listing, PreviewedChangeView, Problem, ProposeChangeBody,
    ReasonBody, StatementView,
};
use locum_control::change::{self, ChangeSeen, ProposedChange};
use locum_domain::{ChangeId, Signature};

use super::change_view;
use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

const STATES: [&str; 4] = ["waiting", "applied", "denied", "withdrawn"];

/// The changes that the caller may see, newest first, without their plans and texts.
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    tag = "changes",
    params(("state" = Option<String>, Query, description = "`waiting`, `applied`, `denied` or `withdrawn`")),
    responses((status = 200, body = Listing<ChangeView>, description = "Waiting, applied, denied and withdrawn ones"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let state = query.word("state", &STATES)?;
    let found = change::changes(front.control(), &caller, state.as_deref()).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(found.iter().map(change_view::listed).collect(), None))
}

/// One change: for whoever proposed it, whoever holds the authority it concerns, security and auditors.
#[utoipa::path(
    get,
    path = "/api/v1/changes/{id}",
    tag = "changes",
    params(("id" = String, Path, description = "The change's id, `chg_…`")),
    responses((status = 200, body = ChangeView, description = "With its plan, and the texts that the caller may see"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let seen = async {
        let id: ChangeId = words::id(&id)?;
        change::change(front.control(), &caller, &id).await
    };
    let seen = looked(&front, &caller, seen.await).await?;
    let catalog = &front.control().in_force().catalog;
    Ok(Json(change_view::whole(&seen, catalog)).into_response())
}

/// Proposes a change. It counts at once where it loosens nothing; else it waits for a second person.
#[utoipa::path(
    post,
    path = "/api/v1/changes",
    tag = "changes",
    request_body = ProposeChangeBody,
    responses(
        (status = 201, body = ChangeView, description = "It loosens nothing, and counts"),
        (status = 202, body = ChangeView, description = "It waits for a second person, and what was in force stays"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "The body is larger than 8 MiB"),
    )
)]
pub(crate) async fn propose(command: Command) -> Answer {
    let act = "apply";
    let body = command.read::<ProposeChangeBody>(act).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let seen = change::propose_change(control, caller, &proposed(body)).await?;
    let is_waiting = seen.change.state.as_str() == "waiting";
    let status = match is_waiting {
        true => StatusCode::ACCEPTED,
        false => StatusCode::CREATED,
    };
    let place = HeaderValue::from_str(&format!("/api/v1/changes/{}", seen.change.id));
    let mut answer = (status, decided(&command, &seen)).into_response();
    if let Ok(place) = place {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// What proposing it would do. Nothing is recorded, and nothing counts by it.
#[utoipa::path(
    post,
    path = "/api/v1/changes/preview",
    tag = "changes",
    request_body = ProposeChangeBody,
    responses(
        (status = 200, body = PreviewedChangeView, description = "The difference, and whom it would wait for"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "The body is larger than 8 MiB"),
    )
)]
pub(crate) async fn preview(command: Command) -> Answer {
    let act = "plan";
    let body = command.read::<ProposeChangeBody>(act).await?;
    let control = command.front.control();
    let seen = change::preview_change(control, &command.caller, &proposed(body)).await;
    let seen = command.typed(act, seen).await?;
    let catalog = &control.in_force().catalog;
    Ok(Json(change_view::previewed(&seen, catalog)).into_response())
}

fn proposed(body: ProposeChangeBody) -> ProposedChange {
    let ProposeChangeBody {
        base,
        files,
        settings,
        note,
    } = body;
    ProposedChange {
        base,
        files,
        settings,
        note,
    }
}

/// What the caller would sign to let it count. Decides nothing.
#[utoipa::path(
    post,
    path = "/api/v1/changes/{id}/statement",
    tag = "changes",
    params(("id" = String, Path, description = "The change's id, `chg_…`")),
    responses((status = 200, body = StatementView, description = "The statement, its digest, and the caller's keys that may sign it"))
)]
pub(crate) async fn statement(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-change";
    let id: ChangeId = command.typed(act, words::id(&id)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let statement = change::change_statement(control, &command.caller, &id).await;
    let statement = command.typed(act, statement).await?;
    Ok(Json(views::statement(statement)).into_response())
}

/// Lets it count, as a second person who held that authority before and gains nothing by it.
#[utoipa::path(
    post,
    path = "/api/v1/changes/{id}/confirm",
    tag = "changes",
    params(("id" = String, Path, description = "The change's id, `chg_…`")),
    request_body = ConfirmChangeBody,
    responses((status = 200, body = ChangeView, description = "It counts; open requests and live sessions are judged again by it"))
)]
pub(crate) async fn confirm(Path(id): Path<String>, command: Command) -> Answer {
    let act = "confirm-change";
    let id: ChangeId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ConfirmChangeBody>(act).await?;
    let signature = body.signature.map(Signature::try_from).transpose();
    let signature = command.typed(act, signature).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let (digest, signature) = (&body.digest, signature.as_ref());
    let seen = change::confirm_change(control, caller, &id, digest, signature).await?;
    Ok(decided(&command, &seen).into_response())
}

/// Says no to it, as somebody whose authority it concerns.
#[utoipa::path(
    post,
    path = "/api/v1/changes/{id}/deny",
    tag = "changes",
    params(("id" = String, Path, description = "The change's id, `chg_…`")),
    request_body = ReasonBody,
    responses((status = 200, body = ChangeView, description = "Denied; what is in force stays"))
)]
pub(crate) async fn deny(Path(id): Path<String>, command: Command) -> Answer {
    let act = "deny-change";
    let id: ChangeId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ReasonBody>(act).await?;
    let control = command.front.control();
    let seen = change::deny_change(control, &command.caller, &id, &body.reason).await?;
    Ok(decided(&command, &seen).into_response())
}

/// Takes one's own back.
#[utoipa::path(
    post,
    path = "/api/v1/changes/{id}/withdraw",
    tag = "changes",
    params(("id" = String, Path, description = "The change's id, `chg_…`")),
    responses((status = 200, body = ChangeView, description = "Withdrawn; what is in force stays"))
)]
pub(crate) async fn withdraw(Path(id): Path<String>, command: Command) -> Answer {
    let act = "withdraw-change";
    let id: ChangeId = command.typed(act, words::id(&id)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let seen = change::withdraw_change(control, &command.caller, &id).await?;
    Ok(decided(&command, &seen).into_response())
}

/// The change after a verb of the caller's. Its texts are no news to them.
fn decided(command: &Command, seen: &ChangeSeen) -> Json<ChangeView> {
    let catalog = &command.front.control().in_force().catalog;
    Json(change_view::planned(seen, catalog))
}
