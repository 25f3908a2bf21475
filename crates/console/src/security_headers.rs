//! What every answer of the console tells the browser to refuse.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

/// The content security policy (CSP Level 3): nothing but our own stylesheet, and forms that go to the console
/// or, by redirect, to the origins given.
pub(crate) fn policy(form_targets: &[String]) -> String {
    let mut policy = String::from(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'",
    );
    for target in form_targets {
        policy.push(' ');
        policy.push_str(target);
    }
    policy
}

/// Adds what an answer does not say itself.
pub(crate) async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy(&[]));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(policy.unwrap_or(HeaderValue::from_static("default-src 'none'")));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    say(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(headers, X_FRAME_OPTIONS, "DENY");
    // Not `no-referrer`: browsers would send our own forms with `Origin: null`.
    say(headers, REFERRER_POLICY, "same-origin");
    let named = HeaderName::from_static;
    say(headers, named("cross-origin-opener-policy"), "same-origin");
    say(
        headers,
        named("cross-origin-resource-policy"),
        "same-origin",
    );
    say(
        headers,
        named("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    response
}

fn say(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
