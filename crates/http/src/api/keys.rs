//! Locum's own signing keys: their public halves, and a new one in the place of the one that signs.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{KeyView, Listing, RotateKeyBody, RotationView};
use locum_control::ports::{KeyPurpose, PublicHalf};
use locum_control::rotate_key;
use locum_domain::Denial;

use super::words;
use crate::command::{Asking, Command};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;

type Answer = Result<Response, Refused>;

fn view(half: &PublicHalf) -> KeyView {
    KeyView {
        purpose: half.purpose.as_str().to_owned(),
        application: half.purpose.application().map(ToString::to_string),
        kid: half.key.kid().to_owned(),
        retired_at: half.retired_at.map(|at| at.to_string()),
    }
}

/// The public halves of Locum's own signing keys, the retired ones too.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    tag = "keys",
    responses((status = 200, body = Listing<KeyView>, description = "By purpose; the keys themselves are in the JWK Set"))
)]
pub(crate) async fn list(State(front): State<Front>, Asking(_): Asking, query: Query) -> Answer {
    let halves = rotate_key::public_keys(front.control());
    Ok(query.listing(halves.iter().map(view).collect(), None))
}

/// Puts a new key in the place of the one that signs. For security; on the record, and the old public half is kept.
#[utoipa::path(
    post,
    path = "/api/v1/keys/{purpose}/rotate",
    tag = "keys",
    params(("purpose" = String, Path, description = "`assertion`, `grant` or `access-token`")),
    request_body = RotateKeyBody,
    responses((status = 200, body = RotationView, description = "Which key gave way to which"))
)]
pub(crate) async fn rotate(Path(purpose): Path<String>, command: Command) -> Answer {
    let act = "rotate-key";
    let body = command.read::<RotateKeyBody>(act).await?;
    let application = body.application.as_deref();
    let application = application.map(|text| words::application(text, "/application"));
    let application = command.typed(act, application.transpose()).await?;
    let purpose = KeyPurpose::parse(&purpose, application)
        .map_err(|why| Denial::Malformed.because(why).at("/application"));
    let purpose = command.typed(act, purpose).await?;
    let control = command.front.control();
    let rotation = rotate_key::rotate_key(control, &command.caller, &purpose).await?;
    Ok(Json(RotationView::from(&rotation)).into_response())
}
