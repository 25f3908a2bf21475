//! The door of the API: who is asking, how much they send, and that what they began is finished.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use locum_control::{Caller, Door};
use locum_domain::{Denial, Stream};

use crate::idempotency;
use crate::payload::{self, Unread};
use crate::refused::Refused;
use crate::state::Front;

/// The listener's name in the record.
pub(crate) const LISTENER: &str = "http";

/// Lets known principals through. A POST runs to its end even when its sender goes away.
pub(crate) async fn guard(
    State(front): State<Front>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&front, &request) {
        Ok(caller) => caller,
        Err(refused) => return refused.into_response(),
    };
    request.extensions_mut().insert(caller.clone());
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match payload::of_principal(body).await {
        Ok(body) => body,
        Err(why) => return too_large(&front, &caller, why).await.into_response(),
    };
    let command = async move { idempotency::once(&front, &caller, parts, body, next).await };
    let command = tokio::spawn(command);
    command.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command broke off");
        let detail = "the command broke off; look up what became of it";
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "broken-off", detail).into_response()
    })
}

fn caller(front: &Front, request: &Request) -> Result<Caller, Refused> {
    let stranger = |code: &str, detail: &str| {
        front.given.strangers.refused(LISTENER, code);
        Refused::unauthorized(code, detail)
    };
    let signed_in = front
        .given
        .logins
        .authenticate(request.headers())
        .map_err(|error| stranger(error.code(), &error.to_string()))?;
    // A page of another site can make a browser send the cookie with a form, and never a bearer token.
    if signed_in.door == Door::Console && !request.method().is_safe() {
        return Err(stranger("cookie", "a bearer token must accompany this"));
    }
    let in_force = front.control().in_force();
    let principal = in_force.catalog.principal(&signed_in.principal);
    if !principal.is_some_and(|principal| principal.is_active()) {
        return Err(stranger("left", "whose token this is works here no more"));
    }
    Ok(signed_in.caller())
}

async fn too_large(front: &Front, caller: &Caller, why: Unread) -> Refused {
    let refused = Refused::from(why);
    let refusal = Denial::Malformed.because(refused.0.detail.clone());
    let about = Stream::Principal(caller.principal.clone());
    front
        .control()
        .refused(caller, "send", &about, refusal)
        .await;
    refused
}
