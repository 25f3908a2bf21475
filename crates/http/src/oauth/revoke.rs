//! `POST /oauth2/revoke`: whoever holds a token to the API gives it back (RFC 7009).

use axum::extract::{Request, State};
use axum::response::Response;
use locum_api::OAuthProblem;
use locum_domain::event::LoginEndedBecause;

use super::answer;
use super::form::{self, RevocationForm};
use crate::refused::Refused;
use crate::signed_out::signed_out;
use crate::state::Front;

/// Ends the login that a token is of. A token that is nobody's, or no more, is answered alike (section 2.2); no
/// client proves anything, since whoever holds a token may throw it away.
#[utoipa::path(
    post,
    path = "/oauth2/revoke",
    tag = "oauth",
    request_body(content = RevocationForm, content_type = "application/x-www-form-urlencoded", description = "RFC 7009, section 2.1"),
    responses(
        (status = 200, description = "It is worth nothing now, whatever it was"),
        (status = 400, body = OAuthProblem, description = "There is no `token`"),
        (status = 405, body = OAuthProblem, description = "Only POST, and `Allow` says so"),
        (status = 408, body = OAuthProblem, description = "The body took longer than 30 seconds"),
        (status = 413, body = OAuthProblem, description = "The body is larger than 256 KiB"),
    )
)]
pub(crate) async fn revoke(
    State(front): State<Front>,
    request: Request,
) -> Result<Response, Refused> {
    let (_, form) = form::read(request).await?;
    let token = form.and_then(|mut form| form.demand("token"));
    Ok(match token {
        Ok(token) => {
            let ended: Vec<_> = front.given.logins.end_token(&token).into_iter().collect();
            signed_out(&front, &ended, LoginEndedBecause::SignedOut).await;
            answer::empty()
        }
        Err(error) => {
            front.stranger_refused("invalid-revocation");
            answer::error(&error.into())
        }
    })
}
