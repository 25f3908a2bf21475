//! A program signs in by its key (RFC 6749, section 4.4; RFC 7523): it gets a token to the API for some minutes.

use locum_api::TokenView;
use locum_domain::Timestamp;
use locum_login::{How, NewLogin, SeenFrom};
use locum_token::Form;
use locum_token::exchange::{OAuthError, OAuthErrorCode, client_credential};

use super::answer::Unanswered;
use super::client;
use super::login::begun;
use crate::sender::Sender;
use crate::state::Front;

/// `grant_type` of a program that signs in.
pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";

/// A token to the API for the program that proved itself. There is no refresh token: it proves itself anew.
pub(crate) async fn sign_in(
    front: &Front,
    mut form: Form,
    seen_from: SeenFrom,
    sender: Sender,
    now: Timestamp,
) -> Result<TokenView, Unanswered> {
    let credential = client_credential(&mut form)?;
    if form.take("scope")?.is_some() {
        let detail = "a program may do what policy lets it, and cannot ask for less or more";
        return Err(OAuthError::new(OAuthErrorCode::InvalidScope, detail).into());
    }
    for name in ["audience", "resource"] {
        if !form.take_all(name).is_empty() {
            let detail = format!("`{name}` is not supported: the token is for the API");
            return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, detail).into());
        }
    }
    let program = client::program(front, credential.as_ref(), sender, now).await?;
    let login = NewLogin::new(program.principal, How::Program, seen_from);
    begun(front, login).await
}
