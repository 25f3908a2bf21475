//! OAuth's own answers: stock clients read nothing else.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use locum_domain::{Denial, Refusal};
use locum_token::exchange::{OAuthError, OAuthErrorCode};
use serde::Serialize;

const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

/// An answer that nobody keeps (RFC 6749, section 5.1).
pub(crate) fn json(body: impl Serialize) -> Response {
    (HEADERS, Json(body)).into_response()
}

/// A refusal (RFC 6749, section 5.2). It carries no challenge: the client did not use `Authorization`, and a
/// challenge keeps stock clients from reading the code.
pub(crate) fn error(error: &OAuthError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    (status, HEADERS, Json(error)).into_response()
}

/// A use case's refusal in OAuth's words.
pub(crate) fn of_refusal(refusal: &Refusal) -> OAuthError {
    let code = match refusal.denial {
        Denial::RecorderUnavailable | Denial::ClockUntrusted | Denial::Conflict => {
            OAuthErrorCode::TemporarilyUnavailable
        }
        Denial::WrongApplication | Denial::UnknownApplication => OAuthErrorCode::InvalidTarget,
        _ => OAuthErrorCode::InvalidGrant,
    };
    let detail = format!("{}: {}", refusal.denial.code(), refusal.detail);
    OAuthError::new(code, detail)
}
