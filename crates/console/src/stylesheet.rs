//! The one stylesheet, the same for everybody and open to everybody.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

pub(crate) const PATH: &str = "/assets/console.css";

pub(crate) async fn stylesheet() -> Response {
    let headers = [(CONTENT_TYPE, "text/css"), (CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../assets/console.css")).into_response()
}
