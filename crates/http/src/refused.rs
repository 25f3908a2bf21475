//! A refusal on its way out: problem details with the status and headers that belong to its code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use locum_api::Problem;
use locum_control::Caller;
use locum_domain::{Refusal, Stream};
use locum_login::attempts::TooMany;

use crate::state::Front;
use crate::status::{challenge, status_of};

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
/// Seconds after which a refusal that is not the asker's fault may have gone.
const RETRY_AFTER: &str = "5";

/// What is answered instead of what was asked for.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) problem: Box<Problem>,
    is_owed: bool,
    retry_after_seconds: Option<u32>,
}

/// Marks an answer whose refusal still has to be recorded, or counted when a stranger was refused. Use cases
/// record their own.
#[derive(Debug, Clone)]
pub(crate) struct Owed {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Refused {
    /// A refusal that only this layer knows: no reason code of the domain, and not on the record yet.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(status.as_u16(), code, detail)),
            is_owed: status.is_client_error(),
            retry_after_seconds: None,
        }
    }

    /// Nobody is signed in.
    pub(crate) fn unauthorized(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// A recorded refusal with another status than its code usually has.
    pub(crate) fn with_status(refusal: &Refusal, status: StatusCode) -> Self {
        Self {
            problem: Box::new(Problem::of(refusal, status.as_u16())),
            is_owed: false,
            retry_after_seconds: None,
        }
    }

    /// The same for what is public and no event, whoever asks.
    pub(crate) fn leaving_no_trace(self) -> Self {
        Self {
            is_owed: false,
            ..self
        }
    }
}

impl From<TooMany> for Refused {
    fn from(too_many: TooMany) -> Self {
        let refused = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-often",
            "too many attempts failed; wait",
        );
        Self {
            retry_after_seconds: Some(too_many.retry_after_seconds),
            ..refused
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::with_status(&refusal, status_of(refusal.denial))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = problem(&self.problem);
        if let Some(seconds) = self.retry_after_seconds {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.is_owed {
            let Problem { code, detail, .. } = *self.problem;
            response.extensions_mut().insert(Owed { code, detail });
        }
        response
    }
}

/// Records a refusal of a known principal, which is then answered with `status`. What takes its place because
/// it cannot be recorded, or no more of this principal's are, has its own.
pub(crate) async fn on_record(
    front: &Front,
    caller: &Caller,
    act: &'static str,
    about: &Stream,
    refusal: Refusal,
    status: StatusCode,
) -> Refused {
    let meant = refusal.denial;
    let refusal = front.control().refused(caller, act, about, refusal).await;
    if refusal.denial == meant {
        Refused::with_status(&refusal, status)
    } else {
        refusal.into()
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
