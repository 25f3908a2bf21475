//! `POST /hooks/{connector}`: what case systems say. An authentic close ends; nothing said here opens anything.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use locum_control::case_signal::{Delivery, Signalled, case_signal};
use locum_domain::{Denial, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::payload;
use crate::refused::Refused;
use crate::state::Front;

/// Authenticates the webhooks of one connector. Its holder could end sessions, and never begin one.
pub trait WebhookReceiver: Send + Sync {
    /// What an authentic message says. `now` is `None` while no clock can be believed: then no message is too
    /// old, because an end waits for no clock.
    ///
    /// # Errors
    /// When the message is not believed.
    fn receive(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Option<Timestamp>,
    ) -> Result<Delivery, WebhookRefused>;
}

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// A header that the scheme demands is missing or repeated, or no known secret made the signature.
    #[error("the message is not signed with a known secret")]
    BadSignature,
    /// Signed, but not now.
    #[error("the message is not of the last five minutes")]
    Stale,
}

impl WebhookRefused {
    fn code(self) -> &'static str {
        match self {
            WebhookRefused::BadSignature => "bad-signature",
            WebhookRefused::Stale => "stale",
        }
    }
}

/// What a webhook led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HookView {
    /// Whether this delivery came before; then nothing happened.
    is_repeated: bool,
    /// How many sessions it ended.
    ended: usize,
}

/// Receives one webhook.
#[utoipa::path(
    post,
    path = "/hooks/{connector}",
    tag = "case systems",
    params(("connector" = String, Path, description = "The connector's name in the configuration")),
    request_body(content = String, content_type = "application/json", description = "The case system's own form, signed"),
    responses((status = 200, body = HookView, description = "Received, or received before"))
)]
pub(crate) async fn receive(
    State(front): State<Front>,
    Path(connector): Path<String>,
    request: Request,
) -> Result<Response, Refused> {
    let receiver = front.given.webhooks.get(&connector).ok_or_else(|| {
        let detail = "no case system of this name sends webhooks here";
        Refused::new(StatusCode::NOT_FOUND, "not-found", detail)
    })?;
    let (parts, body) = request.into_parts();
    let body = payload::of_anybody(body).await?;
    let now = front.control().now().ok();
    let delivery = receiver
        .receive(&parts.headers, &body, now)
        .map_err(|why| Refused::unauthorized(why.code(), why.to_string()))?;
    // Runs to its end even when the sender goes away: a close that was believed ends.
    let running = front.clone();
    let signal = tokio::spawn(async move { case_signal(running.control(), &delivery).await });
    let signalled = match signal.await {
        Ok(Ok(signalled)) => signalled,
        // The delivery is remembered and the look-up is owed: sending it again would change nothing.
        Ok(Err(refusal)) if refusal.denial == Denial::CaseUnreachable => Signalled::default(),
        Ok(Err(refusal)) => {
            return Err(Refused::with_status(
                &refusal,
                StatusCode::SERVICE_UNAVAILABLE,
            ));
        }
        Err(error) => {
            tracing::error!(%error, "a webhook broke off");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(Refused::new(status, "broken-off", "send it again"));
        }
    };
    let view = HookView {
        is_repeated: signalled.is_repeated,
        ended: signalled.ended.len(),
    };
    Ok(Json(view).into_response())
}
