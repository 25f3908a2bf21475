//! `ETag` and `If-Match` (RFC 9110, section 13): who decides on an old copy is told so.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use locum_api::RequestView;
use locum_domain::{Aggregate, Denial, RequestId, Stream};
use sha2::{Digest as _, Sha256};

use crate::command::Command;
use crate::refused::Refused;

/// The tag of a request as it is shown.
pub(crate) fn tag(view: &RequestView) -> String {
    let bytes = serde_json::to_vec(view).unwrap_or_default();
    let digest = hex::encode(Sha256::digest(bytes));
    format!("\"{}\"", digest.get(..32).unwrap_or_default())
}

/// The tag as a header's value.
pub(crate) fn value(view: &RequestView) -> HeaderValue {
    HeaderValue::from_str(&tag(view)).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Refuses a command whose `If-Match` names another state than the request has. What does not exist is the
/// verb's to refuse.
pub(crate) async fn if_match(command: &Command, id: &RequestId) -> Result<(), Refused> {
    if !command.headers.contains_key(header::IF_MATCH) {
        return Ok(());
    }
    let stream = Stream::Request(id.clone());
    let control = command.front.control();
    let loaded = control.store().load(&stream).await.map_err(|error| {
        tracing::error!(%error, "a request cannot be read");
        Refused::from(Denial::RecorderUnavailable.because("nothing can be read at the moment"))
    })?;
    let Some(Aggregate::Request(request)) = loaded.state else {
        return Ok(());
    };
    if matches(&command.headers, &tag(&RequestView::from(&*request))) {
        return Ok(());
    }
    let refusal = Denial::Conflict.because("the request is not what `If-Match` names any more");
    let refusal = control
        .refused(&command.caller, "if-match", &stream, refusal)
        .await;
    Err(Refused::with_status(
        &refusal,
        StatusCode::PRECONDITION_FAILED,
    ))
}

fn matches(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named == tag)
}
