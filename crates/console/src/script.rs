//! The one script, for pages that ask an authenticator. Its address changes with its text, so that browsers keep it
//! for as long as it is right.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

const SCRIPT: &str = include_str!("../assets/console.js");

static PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = hex::encode(Sha256::digest(SCRIPT));
    let version: String = digest.chars().take(16).collect();
    format!("/assets/console.{version}.js")
});

/// Where it is.
pub(crate) fn path() -> &'static str {
    &PATH
}

pub(crate) async fn script() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, SCRIPT).into_response()
}
