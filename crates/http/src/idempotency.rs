//! `Idempotency-Key`: a command that is sent twice is done once.
//!
//! A key belongs to its principal and path. Answers of 500 and above are not kept: nothing was done. The others
//! are kept sealed.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use locum_api::Problem;
use locum_control::Caller;
use locum_control::ports::Idempotent;
use locum_domain::{Denial, Refusal, Stream};
use sha2::{Digest as _, Sha256};

use crate::refused::{self, Refused};
use crate::sealed::Seal;
use crate::state::Front;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key, in bytes.
const LONGEST_KEY: usize = 255;
/// The largest answer that is kept, in bytes. A larger one is given, and its command can be sent again.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Runs a command, or answers what it was answered before.
pub(crate) async fn once(
    front: &Front,
    caller: &Caller,
    parts: Parts,
    body: Bytes,
    next: Next,
) -> Response {
    let name = match key(&parts.headers) {
        Ok(Some(key)) => format!("{}\n{key}", parts.uri.path()),
        Ok(None) => return next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(refusal) => {
            let status = StatusCode::BAD_REQUEST;
            return refuse(front, caller, refusal, status).await.into_response();
        }
    };
    let Some(seal) = Seal::of(&parts.headers, &name) else {
        let refused = Refused::unauthorized("no-credential", "a bearer token must accompany this");
        return refused.into_response();
    };
    let digest = hex::encode(Sha256::digest(&body));
    let known = match begin(front, caller, &name, &digest).await {
        Ok(known) => known,
        Err(refusal) => return Refused::from(refusal).into_response(),
    };
    match known {
        Idempotent::Fresh => {
            let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
            keep(front, caller, &name, &seal, answer).await
        }
        Idempotent::Answered(status, kept) => match seal.open(status, &kept) {
            Some(body) => replay(status, body),
            None => {
                let detail =
                    "this was answered to another credential of yours; look up what became of it";
                let refusal = Denial::Conflict.because(detail);
                refuse(front, caller, refusal, StatusCode::CONFLICT)
                    .await
                    .into_response()
            }
        },
        Idempotent::OtherBody => {
            let refusal = Denial::Conflict.because("this key came with another body before");
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            refuse(front, caller, refusal, status).await.into_response()
        }
        Idempotent::Running => {
            let refusal = Denial::Conflict.because("the first request with this key still runs");
            refuse(front, caller, refusal, StatusCode::CONFLICT)
                .await
                .into_response()
        }
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > LONGEST_KEY || values.next().is_some() {
        let detail = "`Idempotency-Key` is one word of at most 255 visible characters";
        return Err(Denial::Malformed.because(detail));
    }
    Ok(Some(text.to_owned()))
}

async fn refuse(front: &Front, caller: &Caller, refusal: Refusal, status: StatusCode) -> Refused {
    let about = Stream::Principal(caller.principal.clone());
    refused::on_record(front, caller, "repeat", &about, refusal, status).await
}

async fn begin(
    front: &Front,
    caller: &Caller,
    name: &str,
    digest: &str,
) -> Result<Idempotent, Refusal> {
    let control = front.control();
    // Whether this verb waits for a clock to believe is the verb's to say: one that takes access away does not.
    let now = control.time_to_end();
    let principal = caller.principal.as_str();
    control
        .store()
        .begin_idempotent(principal, name, digest, now)
        .await
        .map_err(|error| {
            tracing::error!(%error, "an idempotency key cannot be remembered");
            Denial::RecorderUnavailable.because("nothing can be recorded at the moment")
        })
}

async fn keep(
    front: &Front,
    caller: &Caller,
    name: &str,
    seal: &Seal,
    answer: Response,
) -> Response {
    let (parts, body) = answer.into_parts();
    // It was made in memory, whatever its size.
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    let text = bytes
        .as_ref()
        .ok()
        .filter(|bytes| bytes.len() <= LARGEST_ANSWER)
        .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
        .filter(|_| !parts.status.is_server_error());
    let status = parts.status.as_u16();
    let random = &*front.given.oauth.random;
    let kept = text.and_then(|text| Some((status, seal.seal(random, status, &text)?)));
    let principal = caller.principal.as_str();
    let finished = front
        .control()
        .store()
        .finish_idempotent(principal, name, kept)
        .await;
    if let Err(error) = finished {
        tracing::warn!(%error, "an answer could not be kept for its key");
    }
    Response::from_parts(parts, Body::from(bytes.unwrap_or_default()))
}

fn replay(status: u16, body: String) -> Response {
    let mut answer = match serde_json::from_str::<Problem>(&body) {
        // It is on the record since the first time.
        Ok(problem) if status >= 400 => refused::problem(&problem),
        _ => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let json = HeaderValue::from_static("application/json");
            (status, [(header::CONTENT_TYPE, json)], body).into_response()
        }
    };
    answer
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    answer
}
