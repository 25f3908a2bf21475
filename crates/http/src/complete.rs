//! What every answer gets: headers that keep it where it belongs, problem details for every refusal, a page for
//! whoever prefers one, a trace on the record, and a place in the counters.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use locum_api::Problem;
use locum_domain::{Denial, Stream};

use crate::refused::{Owed, PROBLEM_JSON, Refused};
use crate::state::Front;
use crate::{html, oauth, page};

/// No problem is larger, in bytes.
const LARGEST_PROBLEM: usize = 64 * 1024;

/// Nothing here is ever framed, sniffed or sent on as a referrer; pages of ours load nothing.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Completes an answer.
pub(crate) async fn complete(State(front): State<Front>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let is_oauth = oauth::is_spoken_at(request.uri().path());
    let mut answer = next.run(request).await;
    if answer.status().as_u16() >= 400 {
        answer = traced(&front, &headers, explained(answer)).await;
        if is_oauth {
            answer = in_oauths_words(answer).await;
        } else if html::is_preferred(&headers) {
            answer = as_page(answer).await;
        }
    }
    front.metrics.answered(answer.status());
    protect(answer.headers_mut());
    answer
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// The only place that records what no use case refused: of a known principal, whoever they are by now, one by
/// one; of anybody else counted. An answer that cannot be recorded is not given.
async fn traced(front: &Front, headers: &HeaderMap, mut answer: Response) -> Response {
    let Some(Owed { code, detail }) = answer.extensions_mut().remove::<Owed>() else {
        return answer;
    };
    let Ok(signed_in) = front.given.logins.authenticate(headers) else {
        front.stranger_refused(&code);
        return answer;
    };
    let denial = match answer.status() {
        StatusCode::NOT_FOUND => Denial::NotFound,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Denial::NotEligible,
        _ => Denial::Malformed,
    };
    let caller = signed_in.caller();
    let about = Stream::Principal(caller.principal.clone());
    let refusal = denial.because(detail);
    let control = front.control();
    let recorded = control.refused(&caller, "call", &about, refusal).await;
    if recorded.denial == denial {
        answer
    } else {
        Refused::from(recorded).into_response()
    }
}

/// A refusal that the router made by itself says what it is, like every other; its own headers stay.
fn explained(answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    // The token endpoint has its own words.
    if kind.is_some_and(|kind| kind == PROBLEM_JSON) || oauth::is_said(&answer) {
        return answer;
    }
    let status = answer.status();
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => ("not-found", "nothing answers at this address"),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method-not-allowed",
            "this address does not take this method",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "a body has at most 256 KiB"),
        status if status.is_client_error() => ("malformed", "the request cannot be read"),
        _ => ("broken-off", "the server could not answer"),
    };
    let mut explained = Refused::new(status, code, detail).into_response();
    if let Some(allow) = answer.headers().get(header::ALLOW) {
        explained.headers_mut().insert(header::ALLOW, allow.clone());
    }
    explained
}

/// Stock clients read no problem details (RFC 6749, section 5.2).
async fn in_oauths_words(answer: Response) -> Response {
    if oauth::is_said(&answer) {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, LARGEST_PROBLEM).await;
    let problem = serde_json::from_slice::<Problem>(&bytes.unwrap_or_default());
    let detail = problem.map_or_else(|_| String::new(), |problem| problem.detail);
    let mut answer = oauth::refused(parts.status, &detail);
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer
}

async fn as_page(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, LARGEST_PROBLEM).await;
    let bytes = bytes.unwrap_or_default();
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, html);
    parts.headers.remove(header::CONTENT_LENGTH);
    let vary = HeaderValue::from_static("accept");
    parts.headers.insert(header::VARY, vary);
    Response::from_parts(parts, Body::from(page::refusal(&problem)))
}
