//! The caller's own logins.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use locum_api::{Listing, LoginView};
use locum_control::sign_in;
use locum_domain::Denial;
use locum_domain::event::LoginEndedBecause;
use locum_login::{How, LoginId};

use crate::body::Nothing;
use crate::command::{Asking, Command, Login};
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

/// The caller's live logins, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/me/logins",
    tag = "logins",
    responses((status = 200, body = Listing<LoginView>, description = "Browsers, devices and programs that are signed in as the caller"))
)]
pub(crate) async fn list(
    State(front): State<Front>,
    Asking(caller): Asking,
    Login(login): Login,
    query: Query,
) -> Answer {
    let logins = front
        .given
        .logins
        .of(&caller.principal, login.login.as_ref());
    Ok(query.listing(logins.into_iter().map(views::login).collect(), None))
}

/// Ends one of the caller's own logins, this one too.
#[utoipa::path(
    post,
    path = "/api/v1/me/logins/{id}/end",
    tag = "logins",
    params(("id" = String, Path, description = "The login's id")),
    responses((status = 200, body = LoginView, description = "It has ended"))
)]
pub(crate) async fn end(Path(id): Path<String>, Login(this): Login, command: Command) -> Answer {
    command.read::<Nothing>("sign-out").await?;
    let (logins, owner) = (&command.front.given.logins, &command.caller.principal);
    let own = logins.of(owner, this.login.as_ref());
    let view = own.into_iter().find(|login| login.id.as_str() == id);
    let ended = logins.end(owner, &LoginId::from(id.as_str()));
    let (Some(view), Some(ended)) = (view, ended) else {
        let refusal = Denial::NotFound.because("none of your logins has this id");
        return Err(command
            .typed::<()>("sign-out", Err(refusal))
            .await
            .err()
            .unwrap_or_else(|| Denial::NotFound.because("no such login").into()));
    };
    if ended.how != How::Program {
        let (control, because) = (command.front.control(), LoginEndedBecause::Revoked);
        sign_in::end(control, owner, ended.id.as_str(), because).await?;
    }
    Ok(Json(views::login(view)).into_response())
}
