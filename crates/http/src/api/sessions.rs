//! Sessions: who acts as whom, and the ways in and out.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{Listing, OpenBody, SessionView, WayInView};
use locum_control::{end_session, open_application, read};
use locum_domain::SessionId;

use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// Sessions that the caller may see, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "sessions",
    params(
        ("state" = Option<String>, Query, pattern = "^(live|ended)?$", description = "live, or ended (confirmed or not)"),
        ("cursor" = Option<String>, Query, pattern = "^[A-Za-z0-9_]{0,200}$", description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 unless told"),
    ),
    responses((status = 200, body = Listing<SessionView>, description = "A page; `Link` leads to the next"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let (cursor, limit) = query.page()?;
    let state = query.word("state", &["live", "ended"])?;
    let listed = read::sessions(front.control(), &caller, state, cursor, limit).await;
    let listed = looked(&front, &caller, listed).await?;
    let items: Vec<SessionView> = listed.items.iter().map(SessionView::from).collect();
    Ok(query.listing(items, listed.next))
}

/// One session.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}",
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id, `ses_…`")),
    responses((status = 200, body = SessionView, description = "The session as it stands"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let session = match words::id::<SessionId>(&id) {
        Ok(id) => read::session(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let session = looked(&front, &caller, session).await?;
    Ok(Json(SessionView::from(&session)).into_response())
}

/// A fresh one-time way into one application, for the actor alone.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{id}/open",
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id, `ses_…`")),
    request_body = OpenBody,
    responses((status = 200, body = WayInView, description = "Works once, within 60 seconds"))
)]
pub(crate) async fn open(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("open", words::id(&id)).await?;
    let body = command.read::<OpenBody>("open").await?;
    let application = words::application(&body.application, "/application");
    let application = command.typed("open", application).await?;
    let control = command.front.control();
    let way =
        open_application::open_application(control, &command.caller, &id, &application).await?;
    Ok(Json(views::way_in(way)).into_response())
}

/// Ends a session. Everything in flight is cut before this answers.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{id}/end",
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id, `ses_…`")),
    responses((status = 200, body = SessionView, description = "Ended, or ending where it is not confirmed yet"))
)]
pub(crate) async fn end(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("end", words::id(&id)).await?;
    command.read::<Nothing>("end").await?;
    let session = end_session::end_session(command.front.control(), &command.caller, &id).await?;
    Ok(Json(SessionView::from(&session)).into_response())
}
