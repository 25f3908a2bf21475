//! A refusal on its way out: problem details with the status and headers that belong to its code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use locum_api::Problem;
use locum_domain::Refusal;

use crate::status::{challenge, status_of};

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
/// Seconds after which a refusal that is not the asker's fault may have gone.
const RETRY_AFTER: &str = "5";

/// What is answered instead of what was asked for.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Box<Problem>);

impl Refused {
    /// A refusal that only this layer knows: no reason code of the domain.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(status.as_u16(), code, detail)))
    }

    /// Nobody is signed in.
    pub(crate) fn unauthorized(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// A refusal with another status than its code usually has.
    pub(crate) fn with_status(refusal: &Refusal, status: StatusCode) -> Self {
        Self(Box::new(Problem::of(refusal, status.as_u16())))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::with_status(&refusal, status_of(refusal.denial))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        problem(&self.0)
    }
}

/// The answer that this problem is.
pub(crate) fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    match status {
        StatusCode::UNAUTHORIZED => {
            let value = HeaderValue::from_static(challenge(&problem.code));
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        _ => {}
    }
    response
}
