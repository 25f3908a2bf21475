//! What can be asked for, and who is asking.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use locum_api::{ApplicationView, Listing, MeView};
use locum_domain::Denial;

use super::look::looked;
use crate::command::{Asking, Login};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

/// Who the caller is.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "catalog",
    responses((status = 200, body = MeView, description = "The bearer token's principal"))
)]
pub(crate) async fn me(
    State(front): State<Front>,
    Asking(caller): Asking,
    Login(login): Login,
) -> Answer {
    let in_force = front.control().in_force();
    let principal = in_force
        .catalog
        .principal(&caller.principal)
        .ok_or_else(|| Denial::NotFound.because("you are not in the catalog any more"));
    let principal = looked(&front, &caller, principal).await?;
    let withheld = login
        .withheld_roles
        .iter()
        .map(|role| role.as_str().to_owned());
    let view = MeView::of(
        principal,
        login.assurance.as_str(),
        login.how.as_str(),
        withheld.collect(),
    );
    Ok(Json(view).into_response())
}

/// The applications of the catalog in force, with their operations.
#[utoipa::path(
    get,
    path = "/api/v1/catalog/applications",
    tag = "catalog",
    responses((status = 200, body = Listing<ApplicationView>, description = "Every application; naming one is no right to it"))
)]
pub(crate) async fn applications(
    State(front): State<Front>,
    Asking(_): Asking,
    query: Query,
) -> Answer {
    let in_force = front.control().in_force();
    let applications = in_force.catalog.applications.values();
    Ok(query.listing(applications.map(ApplicationView::from).collect(), None))
}
