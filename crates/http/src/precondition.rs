//! `ETag` and `If-Match` (RFC 9110, section 13): who decides on an old copy is told so.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use locum_api::RequestView;
use locum_control::Caller;
use locum_domain::{Aggregate, Denial, Refusal, RequestId, Stream};
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

/// The caller of a verb about this request, meaning the version that `If-Match` names. Whether they may see it,
/// and what else the verb refuses, comes first; the use case compares last.
pub(crate) async fn caller(command: &Command, id: &RequestId) -> Result<Caller, Refused> {
    let caller = command.caller.clone();
    if !command.headers.contains_key(header::IF_MATCH) {
        return Ok(caller);
    }
    let stream = Stream::Request(id.clone());
    let control = command.front.control();
    let loaded = control.store().load(&stream).await.map_err(|error| {
        tracing::error!(%error, "a request cannot be read");
        Refused::from(Denial::RecorderUnavailable.because("nothing can be read at the moment"))
    })?;
    let Some(Aggregate::Request(request)) = loaded.state else {
        return Ok(caller);
    };
    let is_named = matches(&command.headers, &tag(&RequestView::from(&*request)));
    let version = if is_named { loaded.version } else { 0 };
    Ok(caller.on_version(version))
}

/// What became of a verb that was called with [`caller`].
pub(crate) fn met<T>(command: &Command, outcome: Result<T, Refusal>) -> Result<T, Refused> {
    let is_conditional = command.headers.contains_key(header::IF_MATCH);
    outcome.map_err(|refusal| match refusal.denial {
        Denial::Conflict if is_conditional => {
            Refused::with_status(&refusal, StatusCode::PRECONDITION_FAILED)
        }
        _ => refusal.into(),
    })
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
