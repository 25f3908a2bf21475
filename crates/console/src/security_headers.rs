//! What every answer of the console tells the browser to refuse.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

/// What a page may do beyond showing words.
#[derive(Debug, Default)]
pub(crate) struct Allowed<'a> {
    /// Whether it loads our own script, which asks this server and an authenticator.
    pub(crate) has_script: bool,
    /// Origins that its forms are redirected to.
    pub(crate) form_targets: Vec<&'a str>,
}

/// The content security policy (CSP Level 3): nothing but our own stylesheet, on some pages our own script, and
/// forms that go to the console or, by redirect, to the origins given.
pub(crate) fn policy(allowed: &Allowed<'_>) -> String {
    let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'; ");
    if allowed.has_script {
        policy.push_str("script-src 'self'; connect-src 'self'; ");
    }
    policy.push_str("base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
    for target in &allowed.form_targets {
        policy.push(' ');
        policy.push_str(target);
    }
    policy
}

/// Adds what an answer does not say itself.
pub(crate) async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy(&Allowed::default()));
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
        "camera=(), geolocation=(), microphone=(), payment=(), \
         publickey-credentials-get=(self), publickey-credentials-create=(self)",
    );
    response
}

fn say(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
