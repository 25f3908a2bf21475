//! The door of the API: who is asking, how much they send, and that what they began is finished.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use locum_control::Door;
use locum_login::attempts::Attempt;
use locum_login::{How, NotSignedIn, SignedIn};

use crate::idempotency;
use crate::impersonated::Impersonated;
use crate::payload;
use crate::refused::Refused;
use crate::sender::Sender;
use crate::state::Front;

/// Lets known principals through; what is refused here, `complete` records or counts. A POST runs to its end even when its sender goes away.
pub(crate) async fn guard(
    State(front): State<Front>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(session) = Impersonated::in_headers(front.control(), request.headers()) {
        let refusal = session.refused(&front, Door::Api, "call").await;
        return Refused::from(refusal).into_response();
    }
    let signed_in = match signed_in(&front, &request) {
        Ok(signed_in) => signed_in,
        Err(refused) => return refused.into_response(),
    };
    let caller = signed_in.caller();
    request.extensions_mut().insert(caller.clone());
    request.extensions_mut().insert(signed_in);
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match payload::of_principal(parts.uri.path(), body).await {
        Ok(body) => body,
        Err(why) => return Refused::from(why).into_response(),
    };
    let command = async move { idempotency::once(&front, &caller, parts, body, next).await };
    let command = tokio::spawn(command);
    command.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command broke off");
        let detail = "the command broke off; look up what became of it";
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "broken-off", detail).into_response()
    })
}

fn signed_in(front: &Front, request: &Request) -> Result<SignedIn, Refused> {
    let signed_in = match front.given.logins.authenticate(request.headers()) {
        Ok(signed_in) => signed_in,
        Err(error) => {
            if error == NotSignedIn::UnknownToken {
                let sender = Sender::of(request.extensions());
                front.counted(Attempt::BearerToken, sender, None)?;
            }
            return Err(Refused::unauthorized(error.code(), error.to_string()));
        }
    };
    // A page of another site can make a browser send the cookie with a form, and never a bearer token.
    if signed_in.door == Door::Console && !request.method().is_safe() {
        let detail = "a bearer token must accompany this";
        return Err(Refused::unauthorized("cookie", detail));
    }
    if signed_in.how == How::FoundingLink {
        let detail = "a founder's link is for the founding alone";
        return Err(Refused::unauthorized("founding-link", detail));
    }
    let in_force = front.control().in_force();
    let principal = in_force.catalog.principal(&signed_in.principal);
    if !principal.is_some_and(|principal| principal.is_active()) {
        let detail = "whose token this is works here no more";
        return Err(Refused::unauthorized("left", detail));
    }
    Ok(signed_in)
}
