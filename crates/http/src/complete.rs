//! What every answer gets: headers that keep it where it belongs, problem details for every refusal, a page for
//! whoever prefers one, and a place in the counters.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use locum_api::Problem;

use crate::refused::{self, PROBLEM_JSON};
use crate::state::Front;
use crate::{html, page};

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
    let prefers_html = html::is_preferred(request.headers());
    let is_oauth = request.uri().path().starts_with("/oauth2/");
    let mut answer = next.run(request).await;
    if answer.status().as_u16() >= 400 && !is_oauth {
        answer = explained(answer);
        if prefers_html {
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

/// A refusal that the router made by itself says what it is, like every other; its own headers stay.
fn explained(answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == PROBLEM_JSON) {
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
    let mut explained = refused::problem(&Problem::new(status.as_u16(), code, detail));
    if let Some(allow) = answer.headers().get(header::ALLOW) {
        explained.headers_mut().insert(header::ALLOW, allow.clone());
    }
    explained
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
