//! Authenticators: the keys by which people sign, and taking one out of use.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{AuthenticatorView, Listing, ReasonBody};
use locum_control::authenticators::{Authenticators, authenticators};
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_domain::event::LoginEndedBecause;
use locum_domain::{AuthenticatorId, Denial};

use super::look::looked;
use super::words;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::signed_out::signed_out;
use crate::state::Front;

type Answer = Result<Response, Refused>;

fn views(found: &Authenticators) -> impl Iterator<Item = AuthenticatorView> {
    found
        .all()
        .map(|(held, revoked)| AuthenticatorView::of(held, revoked))
}

/// Somebody's authenticators, those that were taken out of use too: the caller's own, or those of a person for whom
/// the caller answers.
#[utoipa::path(
    get,
    path = "/api/v1/authenticators",
    tag = "authenticators",
    params(("person" = Option<String>, Query, description = "Whose; the caller's unless told")),
    responses((status = 200, body = Listing<AuthenticatorView>, description = "Public halves and whose they are"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let person = query.person("person", &caller)?;
    let person = person.unwrap_or_else(|| caller.principal.clone());
    let found = authenticators(front.control(), &caller, &person).await;
    let found = looked(&front, &caller, found).await?;
    Ok(query.listing(views(&found).collect(), None))
}

/// Takes an authenticator out of use at once: one's own, or that of somebody one answers for. No approval that it
/// signed opens anything any more.
#[utoipa::path(
    post,
    path = "/api/v1/authenticators/{id}/revoke",
    tag = "authenticators",
    params(("id" = String, Path, description = "The authenticator's id, `aut_…`")),
    request_body = ReasonBody,
    responses((status = 200, body = AuthenticatorView, description = "It signs nothing more"))
)]
pub(crate) async fn revoke(Path(id): Path<String>, command: Command) -> Answer {
    let act = "revoke-authenticator";
    let id: AuthenticatorId = command.typed(act, words::id(&id)).await?;
    let body = command.read::<ReasonBody>(act).await?;
    let control = command.front.control();
    let found = revoke_authenticator(control, &command.caller, &id, &body.reason).await?;
    // Whoever signed in with it is signed out.
    let ended = command.front.given.logins.end_by_authenticator(&id);
    signed_out(&command.front, &ended, LoginEndedBecause::Revoked).await;
    let id = id.to_string();
    let view = views(&found).find(|view| view.id == id);
    let view = view.ok_or_else(|| Denial::NotFound.because("no authenticator has this id"))?;
    Ok(Json(view).into_response())
}
