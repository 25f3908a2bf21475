//! Whether this process lives, and whether it can do what it is for.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::refused::Refused;
use crate::state::Front;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: recorder, gateway and feed are there.
pub(crate) async fn readyz(State(front): State<Front>) -> Result<&'static str, Refused> {
    let missing = |what: String| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", what);
    if !front.control().is_recording() {
        return Err(missing("nothing can be recorded at the moment".to_owned()));
    }
    (front.given.readiness)().map_err(missing)?;
    Ok("ready\n")
}

/// `GET /openapi.json`.
pub(crate) async fn openapi(State(front): State<Front>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], front.openapi.clone()).into_response()
}
