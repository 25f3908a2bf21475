//! `POST /login/oidc/back-channel-logout`: the identity provider says that somebody signed out there (OpenID Connect
//! Back-Channel Logout 1.0).

use axum::extract::{Request, State};
use axum::response::Response;
use locum_api::OAuthProblem;
use locum_domain::event::LoginEndedBecause;
use locum_login::oidc::ProviderFailure;
use locum_token::exchange::{OAuthError, OAuthErrorCode};

use super::answer;
use super::form::{self, LogoutForm};
use crate::refused::Refused;
use crate::signed_out::signed_out;
use crate::state::Front;

/// Ends every login that the logout token names. It is the provider's word alone: nobody signs in here.
#[utoipa::path(
    post,
    path = "/login/oidc/back-channel-logout",
    tag = "oauth",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded", description = "Back-Channel Logout 1.0, section 2.5"),
    responses(
        (status = 200, description = "Whatever the token names has ended"),
        (status = 400, body = OAuthProblem, description = "The token is not the provider's word, or was used before"),
        (status = 405, body = OAuthProblem, description = "Only POST, and `Allow` says so"),
        (status = 408, body = OAuthProblem, description = "The body took longer than 30 seconds"),
        (status = 413, body = OAuthProblem, description = "The body is larger than 256 KiB"),
        (status = 503, body = OAuthProblem, description = "The provider's keys cannot be read at the moment"),
    )
)]
pub(crate) async fn log_out(
    State(front): State<Front>,
    request: Request,
) -> Result<Response, Refused> {
    let (_, form) = form::read(request).await?;
    let token = form.and_then(|mut form| form.demand("logout_token"));
    let ended = match token {
        Ok(token) => ended(&front, &token).await,
        Err(error) => Err(error),
    };
    Ok(match ended {
        Ok(()) => answer::empty(),
        Err(error) => {
            front.stranger_refused("invalid-logout");
            answer::error(&error.into())
        }
    })
}

async fn ended(front: &Front, token: &str) -> Result<(), OAuthError> {
    let Some(provider) = &front.given.provider else {
        let detail = "no identity provider is configured";
        return Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail));
    };
    let ended = provider.log_out(token, &front.given.logins).await;
    let ended = ended.map_err(|failure| {
        let code = match failure {
            ProviderFailure::Silent(_) | ProviderFailure::Discovery(_) => {
                OAuthErrorCode::TemporarilyUnavailable
            }
            _ => OAuthErrorCode::InvalidRequest,
        };
        tracing::warn!(error = %failure, "a logout of the identity provider came to nothing");
        OAuthError::new(code, failure.to_string())
    })?;
    signed_out(front, &ended, LoginEndedBecause::ProviderLogout).await;
    Ok(())
}
