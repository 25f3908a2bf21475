//! OAuth's own answers: stock clients read nothing else.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use locum_domain::{Denial, Refusal};
use locum_login::attempts::TooMany;
use locum_token::exchange::{OAuthError, OAuthErrorCode};
use serde::Serialize;

/// Why the token endpoint gives nothing.
#[derive(Debug)]
pub(crate) enum Unanswered {
    Refused(OAuthError),
    /// The credential is a session's own.
    Nested(OAuthError),
    /// Whoever asks has been wrong too often.
    TooOften {
        retry_after_seconds: u32,
    },
}

impl From<OAuthError> for Unanswered {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<TooMany> for Unanswered {
    fn from(too_many: TooMany) -> Self {
        Self::TooOften {
            retry_after_seconds: too_many.retry_after_seconds,
        }
    }
}

impl Unanswered {
    /// The word under which a stranger's is counted.
    pub(crate) fn counted_as(&self) -> &'static str {
        match self {
            Self::Refused(error) if error.code == OAuthErrorCode::InvalidClient => "invalid-client",
            Self::Refused(_) => "invalid-grant",
            Self::Nested(_) => "nested-session",
            Self::TooOften { .. } => "too-often",
        }
    }
}

const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

/// An answer that nobody keeps (RFC 6749, section 5.1).
pub(crate) fn json(body: impl Serialize) -> Response {
    (HEADERS, Json(body)).into_response()
}

/// That it was done, and nothing to say about it (RFC 7009, section 2.2).
pub(crate) fn empty() -> Response {
    (StatusCode::OK, HEADERS).into_response()
}

/// Marks an answer in OAuth's words, whose refusal is recorded or counted already.
#[derive(Debug, Clone)]
struct Said;

/// Whether the token endpoint said this itself.
pub(crate) fn is_said(answer: &Response) -> bool {
    answer.extensions().get::<Said>().is_some()
}

/// A refusal (RFC 6749, section 5.2).
pub(crate) fn error(unanswered: &Unanswered) -> Response {
    match unanswered {
        Unanswered::Refused(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            said(status, error)
        }
        Unanswered::Nested(error) => said(StatusCode::FORBIDDEN, error),
        Unanswered::TooOften {
            retry_after_seconds,
        } => {
            let detail = "too many attempts failed; wait";
            let error = OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, detail);
            let mut answer = said(StatusCode::TOO_MANY_REQUESTS, &error);
            let seconds = HeaderValue::from(*retry_after_seconds);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds);
            answer
        }
    }
}

/// A refusal to somebody who sent these headers.
pub(crate) fn refusal(unanswered: &Unanswered, sent: &HeaderMap) -> Response {
    let answer = error(unanswered);
    match unanswered {
        Unanswered::Refused(error) if error.code == OAuthErrorCode::InvalidClient => {
            challenged(answer, sent)
        }
        _ => answer,
    }
}

/// A refusal of the address, the method or the size, with the status that says so.
pub(crate) fn refused(status: StatusCode, detail: &str) -> Response {
    let code = if status.is_server_error() {
        OAuthErrorCode::TemporarilyUnavailable
    } else {
        OAuthErrorCode::InvalidRequest
    };
    said(status, &OAuthError::new(code, detail))
}

fn said(status: StatusCode, error: &OAuthError) -> Response {
    let mut answer = (status, HEADERS, Json(error)).into_response();
    answer.extensions_mut().insert(Said);
    answer
}

/// The challenge for a client that tried to authenticate with `Authorization`, in the scheme it used. Nobody else
/// gets one: it keeps stock clients from reading the code.
fn challenged(mut answer: Response, sent: &HeaderMap) -> Response {
    let Some(sent) = sent.get(header::AUTHORIZATION) else {
        return answer;
    };
    let is_basic = sent.to_str().is_ok_and(|sent| {
        sent.get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "))
    });
    let challenge = if is_basic {
        "Basic realm=\"locum\""
    } else {
        "Bearer error=\"invalid_token\""
    };
    let challenge = HeaderValue::from_static(challenge);
    answer
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    answer
}

/// That a session's own credential gives nothing: no standard has a code for it, so the description begins with ours.
pub(crate) fn nested(refusal: &Refusal) -> Unanswered {
    let error = of_refusal(refusal);
    match refusal.denial {
        Denial::NestedSession => Unanswered::Nested(OAuthError {
            code: OAuthErrorCode::AccessDenied,
            ..error
        }),
        // It could not be recorded.
        _ => Unanswered::Refused(error),
    }
}

/// A use case's refusal in OAuth's words: what is wrong with the grant or its bearer is `invalid_request`, what is
/// wrong with the audience `invalid_target` (RFC 8693, section 2.2.2).
pub(crate) fn of_refusal(refusal: &Refusal) -> OAuthError {
    let code = match refusal.denial {
        Denial::RecorderUnavailable | Denial::ClockUntrusted | Denial::Conflict => {
            OAuthErrorCode::TemporarilyUnavailable
        }
        Denial::WrongApplication | Denial::UnknownApplication => OAuthErrorCode::InvalidTarget,
        _ => OAuthErrorCode::InvalidRequest,
    };
    let detail = format!("{}: {}", refusal.denial.code(), refusal.detail);
    OAuthError::new(code, detail)
}
