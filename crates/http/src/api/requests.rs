//! Requests, as those who ask see them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use locum_api::{
    AcceptBody, ActivationView, AnswerBody, ExtendBody, Listing, PreviewView, RequestBody,
    RequestView,
};
use locum_control::read::{self, RequestFilter};
use locum_control::{accept_offer, activate, answer, extend, file_request, preview, withdraw};
use locum_domain::RequestId;

use super::look::looked;
use super::{asked, words};
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::precondition;
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// The states a request can be asked for by.
const STATES: [&str; 8] = [
    "pending",
    "offered",
    "approved",
    "denied",
    "withdrawn",
    "lapsed",
    "activated",
    "ended",
];

/// Files a request.
#[utoipa::path(
    post,
    path = "/api/v1/requests",
    tag = "requests",
    request_body = RequestBody,
    responses((status = 201, body = RequestView, description = "Filed; the named people are asked"))
)]
pub(crate) async fn file(command: Command) -> Answer {
    let body = command.read::<RequestBody>("file").await?;
    let asked = command.typed("file", asked::asked(body)).await?;
    let request =
        file_request::file_request(command.front.control(), &command.caller, &asked).await?;
    Ok(views::request(StatusCode::CREATED, &request))
}

/// Shows the route a request would take, or the refusal it would get. Files nothing; is recorded.
#[utoipa::path(
    post,
    path = "/api/v1/requests/preview",
    tag = "requests",
    request_body = RequestBody,
    responses((status = 200, body = PreviewView, description = "What the request would get"))
)]
pub(crate) async fn preview(command: Command) -> Answer {
    let body = command.read::<RequestBody>("preview").await?;
    let asked = command.typed("preview", asked::asked(body)).await?;
    let request = preview::preview(command.front.control(), &command.caller, &asked).await?;
    Ok(Json(PreviewView::from(&request)).into_response())
}

/// Requests that the caller may see, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/requests",
    tag = "requests",
    params(
        ("state" = Option<String>, Query, pattern = "^(pending|offered|approved|denied|withdrawn|lapsed|activated|ended)?$", description = "pending, offered, approved, denied, withdrawn, lapsed, activated or ended"),
        ("approver" = Option<String>, Query, description = "Only those whose route names this person; `me` is the caller"),
        ("requester" = Option<String>, Query, description = "Only this person's; `me` is the caller"),
        ("case" = Option<String>, Query, description = "Only those of this case, as CONNECTOR:NUMBER"),
        ("cursor" = Option<String>, Query, pattern = "^[A-Za-z0-9_]{0,200}$", description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 unless told"),
    ),
    responses((status = 200, body = Listing<RequestView>, description = "A page; `Link` leads to the next"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let (cursor, limit) = query.page()?;
    let filter = RequestFilter {
        state: query.word("state", &STATES)?,
        approver: query.person("approver", &caller)?,
        requester: query.person("requester", &caller)?,
        case: query.text("case"),
        ..RequestFilter::default()
    };
    let listed = read::requests(front.control(), &caller, &filter, cursor, limit).await;
    let listed = looked(&front, &caller, listed).await?;
    let items: Vec<RequestView> = listed.items.iter().map(RequestView::from).collect();
    Ok(query.listing(items, listed.next))
}

/// One request, with its `ETag`.
#[utoipa::path(
    get,
    path = "/api/v1/requests/{id}",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    responses((status = 200, body = RequestView, description = "The request as it stands"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let request = match words::id::<RequestId>(&id) {
        Ok(id) => read::request(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let request = looked(&front, &caller, request).await?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Answers an approver's question.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/answer",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = AnswerBody,
    responses((status = 200, body = RequestView, description = "The request with the answer on it"))
)]
pub(crate) async fn answer(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("answer", words::id(&id)).await?;
    let body = command.read::<AnswerBody>("answer").await?;
    let caller = precondition::caller(&command, &id).await?;
    let outcome = answer::answer(command.front.control(), &caller, &id, &body.answer).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Takes the narrower version that an approver offered.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/accept",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = AcceptBody,
    responses((status = 200, body = RequestView, description = "The request in its narrower version"))
)]
pub(crate) async fn accept(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("accept", words::id(&id)).await?;
    let body = command.read::<AcceptBody>("accept").await?;
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = accept_offer::accept_offer(control, &caller, &id, &body.scope_digest).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Takes back one's asking, or one's approval.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/withdraw",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    responses((status = 200, body = RequestView, description = "Withdrawn; a session that stood on it has ended"))
)]
pub(crate) async fn withdraw(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("withdraw", words::id(&id)).await?;
    command.read::<Nothing>("withdraw").await?;
    let caller = precondition::caller(&command, &id).await?;
    let outcome = withdraw::withdraw(command.front.control(), &caller, &id).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::OK, &request))
}

/// Asks to lengthen the request's live session: a new request, linked to the old one.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/extend",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    request_body = ExtendBody,
    responses((status = 201, body = RequestView, description = "Filed; it takes the same route"))
)]
pub(crate) async fn extend(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("extend", words::id(&id)).await?;
    let body = command.read::<ExtendBody>("extend").await?;
    let duration = command
        .typed("extend", words::minutes(body.duration_minutes))
        .await?;
    let caller = precondition::caller(&command, &id).await?;
    let control = command.front.control();
    let outcome = extend::extend(control, &caller, &id, duration, &body.reason).await;
    let request = precondition::met(&command, outcome)?;
    Ok(views::request(StatusCode::CREATED, &request))
}

/// Begins the session of an approved request: only now does access exist.
#[utoipa::path(
    post,
    path = "/api/v1/requests/{id}/activate",
    tag = "requests",
    params(("id" = String, Path, description = "The request's id, `req_…`")),
    responses((status = 201, body = ActivationView, description = "The session and the ways into its applications"))
)]
pub(crate) async fn activate(Path(id): Path<String>, command: Command) -> Answer {
    let id = command.typed("activate", words::id(&id)).await?;
    command.read::<Nothing>("activate").await?;
    let caller = precondition::caller(&command, &id).await?;
    let outcome = activate::activate(command.front.control(), &caller, &id).await;
    let activated = precondition::met(&command, outcome)?;
    let session = activated.session;
    let view = ActivationView {
        id: session.id.to_string(),
        grant: session.grant.to_string(),
        grant_token: activated.grant_token,
        event: session.event.to_string(),
        expires_at: session.end_by.to_string(),
        applications: activated.ways.into_iter().map(views::way_in).collect(),
    };
    Ok((StatusCode::CREATED, Json(view)).into_response())
}
