//! The door of the API: who is asking, how much they send, and that what they began is finished.

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use locum_control::{Caller, Door};
use locum_domain::{Denial, Stream};

use crate::idempotency;
use crate::refused::Refused;
use crate::state::Front;

/// The largest body, in bytes.
pub(crate) const LARGEST_BODY: usize = 256 * 1024;
/// How much of a larger one is read and thrown away, so that its sender gets to read why.
const DRAINED: usize = 8 * 1024 * 1024;
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
    let body = match read(body).await {
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

/// Why a body was not read.
pub(crate) enum Unread {
    TooLarge,
    BrokenOff,
}

/// Reads a body of at most [`LARGEST_BODY`] bytes.
pub(crate) async fn read(body: Body) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > u64::try_from(DRAINED).unwrap_or(u64::MAX) {
        return Err(Unread::TooLarge);
    }
    let bytes = axum::body::to_bytes(body, DRAINED).await;
    match bytes {
        Ok(bytes) if bytes.len() <= LARGEST_BODY => Ok(bytes),
        Ok(_) => Err(Unread::TooLarge),
        Err(error) if is_length_limit(&error) => Err(Unread::TooLarge),
        Err(_) => Err(Unread::BrokenOff),
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    use std::error::Error as _;
    error
        .source()
        .is_some_and(|source| source.to_string().contains("length limit"))
}

impl Unread {
    /// The answer.
    pub(crate) fn refused(&self) -> Refused {
        match self {
            Unread::TooLarge => Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "a body has at most 256 KiB",
            ),
            Unread::BrokenOff => {
                Refused::new(StatusCode::BAD_REQUEST, "malformed", "the body broke off")
            }
        }
    }
}

async fn too_large(front: &Front, caller: &Caller, why: Unread) -> Refused {
    let refused = why.refused();
    let refusal = Denial::Malformed.because(refused.0.detail.clone());
    let about = Stream::Principal(caller.principal.clone());
    front
        .control()
        .refused(caller, "send", &about, refusal)
        .await;
    refused
}
