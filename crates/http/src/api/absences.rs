//! Who is away, and whom their requests go to meanwhile.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{AbsenceBody, AbsenceView, Listing};
use locum_control::absences::{self, Announced};
use locum_domain::{PrincipalId, Refusal};

use super::look::looked;
use super::words;
use crate::body::Nothing;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

/// Whoever is away today, and the caller's own absence ahead.
#[utoipa::path(
    get,
    path = "/api/v1/absences",
    tag = "absences",
    responses((status = 200, body = Listing<AbsenceView>, description = "In order of their ids"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let found = absences::absences(front.control(), &caller).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(found.iter().map(AbsenceView::from).collect(), None))
}

/// Announces an absence of one's own, or of somebody one is manager of. It takes the place of the one before.
#[utoipa::path(
    post,
    path = "/api/v1/absences",
    tag = "absences",
    request_body = AbsenceBody,
    responses((status = 201, body = AbsenceView, description = "Announced"))
)]
pub(crate) async fn announce(command: Command) -> Answer {
    let act = "announce-absence";
    let body = command.read::<AbsenceBody>(act).await?;
    let announced = command.typed(act, announced(&body)).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let absence = absences::announce_absence(control, caller, &announced).await?;
    let view = AbsenceView::from(&absence);
    Ok((axum::http::StatusCode::CREATED, Json(view)).into_response())
}

fn announced(body: &AbsenceBody) -> Result<Announced, Refusal> {
    let person = |text: &Option<String>, pointer| {
        let text = text.as_deref();
        text.map(|text| words::name::<PrincipalId>(text, pointer))
            .transpose()
    };
    Ok(Announced {
        person: person(&body.person, "/person")?,
        from: words::name(&body.from, "/from")?,
        until: words::name(&body.until, "/until")?,
        deputy: person(&body.deputy, "/deputy")?,
    })
}

/// Says that somebody is back.
#[utoipa::path(
    post,
    path = "/api/v1/absences/{person}/end",
    tag = "absences",
    params(("person" = String, Path, description = "The person's id")),
    responses((status = 200, body = AbsenceView, description = "Back"))
)]
pub(crate) async fn end(Path(person): Path<String>, command: Command) -> Answer {
    let act = "end-absence";
    let person = command.typed(act, words::id(&person)).await?;
    command.read::<Nothing>(act).await?;
    let control = command.front.control();
    let absence = absences::end_absence(control, &command.caller, &person).await?;
    Ok(Json(AbsenceView::from(&absence)).into_response())
}
