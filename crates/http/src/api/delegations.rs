//! Authority that an owner lends in writing, and that counts once the owner confirmed it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use locum_api::{ConfirmDelegationBody, DelegationView, Listing};
use locum_control::delegations::{self, WaitingDelegation};
use locum_domain::{ApplicationId, PrincipalId, Refusal};

use super::look::looked;
use super::words;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

/// The delegations of what is in force that do not count yet, as far as the caller may see them.
#[utoipa::path(
    get,
    path = "/api/v1/delegations",
    tag = "delegations",
    responses((status = 200, body = Listing<DelegationView>, description = "Each waits for whoever lends the authority"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let found = delegations::waiting_delegations(front.control(), &caller).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(found.iter().map(view).collect(), None))
}

/// Lets one count, as whoever lends the authority.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/confirm",
    tag = "delegations",
    request_body = ConfirmDelegationBody,
    responses((status = 200, body = DelegationView, description = "It counts from its first day on"))
)]
pub(crate) async fn confirm(command: Command) -> Answer {
    let act = "confirm-delegation";
    let body = command.read::<ConfirmDelegationBody>(act).await?;
    let (application, person, until) = command.typed(act, named(&body)).await?;
    let (control, caller) = (command.front.control(), &command.caller);
    let confirmed =
        delegations::confirm_delegation(control, caller, &application, &person, until).await?;
    Ok(Json(view(&confirmed)).into_response())
}

type Named = (ApplicationId, PrincipalId, Option<Date>);

fn named(body: &ConfirmDelegationBody) -> Result<Named, Refusal> {
    let until = body.until.as_deref();
    Ok((
        words::application(&body.application, "/application")?,
        words::name(&body.person, "/person")?,
        until.map(|it| words::name(it, "/until")).transpose()?,
    ))
}

fn view(delegation: &WaitingDelegation) -> DelegationView {
    DelegationView::of(&delegation.application, &delegation.delegation)
}
