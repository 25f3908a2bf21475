//! The kill switch, and the holds it leaves.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{HoldView, Listing, StopBody, StopView};
use locum_control::stop;

use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

/// Ends everything in a scope at once and holds it. One person is enough.
#[utoipa::path(
    post,
    path = "/api/v1/stop",
    tag = "stop",
    request_body = StopBody,
    responses((status = 200, body = StopView, description = "What was cut, and the hold"))
)]
pub(crate) async fn stop(command: Command) -> Answer {
    let body = command.read::<StopBody>("stop").await?;
    let scope = command.typed("stop", words::stop(body)).await?;
    let stopped = stop::stop(command.front.control(), &command.caller, &scope).await?;
    let view = StopView {
        hold: HoldView::from(&stopped.hold),
        ended: stopped.ended.iter().map(ToString::to_string).collect(),
    };
    Ok(Json(view).into_response())
}

/// The holds that stand.
#[utoipa::path(
    get,
    path = "/api/v1/holds",
    tag = "stop",
    responses((status = 200, body = Listing<HoldView>, description = "Every hold that nobody lifted yet"))
)]
pub(crate) async fn holds(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let holds = stop::holds(front.control()).await;
    let holds = looked(&front, &caller, holds).await?;
    Ok(query.listing(holds.iter().map(HoldView::from).collect(), None))
}

/// Lifts a hold, as somebody else than whoever stopped.
#[utoipa::path(
    post,
    path = "/api/v1/holds/{id}/lift",
    tag = "stop",
    params(("id" = String, Path, description = "The hold's id, `hld_…`")),
    responses((status = 200, body = HoldView, description = "Lifted"))
)]
pub(crate) async fn lift(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("lift", words::id(&id)).await?;
    command.read::<Nothing>("lift").await?;
    let hold = stop::lift(command.front.control(), &command.caller, &id).await?;
    Ok(Json(HoldView::from(&hold)).into_response())
}
