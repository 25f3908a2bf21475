//! A login whose secret is a bearer token: of a device or of a program.

use locum_api::TokenView;
use locum_control::sign_in;
use locum_domain::event::LoginBegun;
use locum_login::{How, NewLogin, NotBegun};
use locum_token::exchange::{OAuthError, OAuthErrorCode};
use secrecy::ExposeSecret as _;

use super::answer::{Unanswered, of_refusal};
use crate::state::Front;

/// Begins the login, on the record for a person. What cannot be recorded does not begin. A program proves itself
/// anew for each token, and what it does with one is on the record.
pub(super) async fn begun(front: &Front, login: NewLogin) -> Result<TokenView, Unanswered> {
    let (principal, how) = (login.principal.clone(), login.how.as_str());
    let is_program = login.how == How::Program;
    let logins = &front.given.logins;
    let token = logins.begin_token(login).map_err(|error| match error {
        NotBegun::NoRandomness => {
            let detail = "no token can be made at the moment";
            OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail)
        }
        NotBegun::ParentEnded => {
            let detail = "whoever let this device in is signed in no more";
            OAuthError::new(OAuthErrorCode::AccessDenied, detail)
        }
    })?;
    if !is_program {
        let begun = LoginBegun {
            id: token.id.to_string(),
            how: how.to_owned(),
            acr: None,
            amr: Vec::new(),
        };
        if let Err(refusal) = sign_in::begin(front.control(), &principal, begun).await {
            logins.end(&principal, &token.id);
            return Err(of_refusal(&refusal).into());
        }
    }
    Ok(TokenView {
        access_token: token.token.expose_secret().to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: token.expires_in_seconds.into(),
    })
}
