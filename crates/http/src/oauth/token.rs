//! `POST /oauth2/token`: what is asked for by `grant_type`.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use locum_api::OAuthProblem;
use locum_control::Door;
use locum_login::SeenFrom;
use locum_token::Form;
use locum_token::exchange::{self as words, OAuthError, OAuthErrorCode, exchange_of};

use super::answer::{self, Unanswered, nested, of_refusal};
use super::form::{self, TokenForm};
use super::{device, exchange, program};
use crate::impersonated::Impersonated;
use crate::refused::Refused;
use crate::sender::Sender;
use crate::state::Front;

/// A token: to one application for a grant (RFC 8693), or to the API for a program (RFC 7523) or a device (RFC
/// 8628).
#[utoipa::path(
    post,
    path = "/oauth2/token",
    tag = "oauth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded", description = "RFC 8693 token exchange, `client_credentials`, or an RFC 8628 device code"),
    responses(
        (status = 200, body = Object, description = "The access token (RFC 6749, section 5.1; RFC 8693, section 2.2.1)"),
        (status = 400, body = OAuthProblem, description = "An OAuth error (RFC 6749, section 5.2; RFC 8628, section 3.5)"),
        (status = 401, body = OAuthProblem, description = "`invalid_client`"),
        (status = 403, body = OAuthProblem, description = "`access_denied`: the credential is a session's own (`nested-session`)"),
        (status = 405, body = OAuthProblem, description = "Only POST, and `Allow` says so"),
        (status = 408, body = OAuthProblem, description = "The body took longer than 30 seconds"),
        (status = 413, body = OAuthProblem, description = "The body is larger than 256 KiB"),
        (status = 429, body = OAuthProblem, description = "Too many attempts failed; `Retry-After` says how long to wait"),
        (status = 503, body = OAuthProblem, description = "`temporarily_unavailable`"),
    )
)]
pub(crate) async fn token(
    State(front): State<Front>,
    sender: Sender,
    request: Request,
) -> Result<Response, Refused> {
    let (headers, form) = form::read(request).await?;
    let sent = headers.clone();
    // Runs to its end even when the client goes away: what is recorded as entered was entered.
    let granted = tokio::spawn(async move { granted(&front, &headers, sender, form).await });
    Ok(match granted.await {
        Ok(Ok(token)) => token,
        Ok(Err(unanswered)) => answer::refusal(&unanswered, &sent),
        Err(error) => {
            tracing::error!(%error, "a token request broke off");
            let detail = "the server cannot answer now";
            let error = OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail);
            answer::error(&error.into())
        }
    })
}

async fn granted(
    front: &Front,
    headers: &HeaderMap,
    sender: Sender,
    form: Result<Form, OAuthError>,
) -> Result<Response, Unanswered> {
    if let Some(session) = Impersonated::in_headers(front.control(), headers) {
        return Err(nested(
            &session.refused(front, Door::Token, "exchange").await,
        ));
    }
    let asked = form.and_then(|mut form| Ok((form.demand("grant_type")?, form)));
    let malformed = |error: &OAuthError| {
        tracing::debug!(%error, "a token request that says nothing");
        front.stranger_refused("invalid-exchange");
    };
    let (grant_type, form) = asked.inspect_err(malformed)?;
    let control = front.control();
    let now = control.now().map_err(|refusal| of_refusal(&refusal))?;
    let seen_from = SeenFrom::of(headers, sender.address());
    match grant_type.as_str() {
        words::GRANT_TYPE => {
            let request = exchange_of(form).inspect_err(malformed)?;
            let token = exchange::exchange(front, &request, sender, now).await?;
            Ok(answer::json(token))
        }
        program::CLIENT_CREDENTIALS => {
            let token = program::sign_in(front, form, seen_from, sender, now).await?;
            Ok(answer::json(token))
        }
        device::DEVICE_CODE => {
            let token = device::let_in(front, form, sender).await?;
            Ok(answer::json(token))
        }
        _ => {
            front.stranger_refused("invalid-exchange");
            let known = "`grant_type` is none of those that the metadata names";
            Err(OAuthError::new(OAuthErrorCode::UnsupportedGrantType, known).into())
        }
    }
}
