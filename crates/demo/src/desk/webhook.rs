//! Tells one address that a case changed, signed as Standard Webhooks say: HMAC-SHA256 over
//! `id.timestamp.body`. The body is a hint; whoever gets it looks the case up.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use ring::hmac;
use serde_json::json;

use crate::{Clock, loopback};

/// The pauses before the second and every further attempt. The webhook's id stays the same, so
/// that the receiver can tell an attempt from a second change.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

/// Where changes are told, and the secret shared with whoever listens there.
pub struct Webhook {
    url: String,
    key: hmac::Key,
}

/// Why a webhook's secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Not `whsec_` and base64.
    #[error("the secret is not `whsec_` and base64")]
    Secret,
}

impl Webhook {
    /// `secret` is `whsec_` and the base64 of at least 24 random bytes.
    pub fn new(url: impl Into<String>, secret: &str) -> Result<Self, WebhookError> {
        let encoded = secret.strip_prefix("whsec_").ok_or(WebhookError::Secret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| WebhookError::Secret)?;
        Ok(Self {
            url: url.into(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
        })
    }

    /// Sends until it is taken or the attempts are used up, and says what happened.
    pub(crate) async fn tell(&self, case: &str, state: &str, clock: &Clock) -> String {
        let changed_at = clock();
        let id = format!("msg_{case}_{}", changed_at.as_microsecond());
        let body = json!({
            "type": "case.updated",
            "timestamp": changed_at,
            "data": {"id": case, "state": state},
        });
        let body = Bytes::from(body.to_string());
        let mut pauses = PAUSES.into_iter();
        loop {
            let headers = self.headers(&id, clock(), &body);
            let refusal = match loopback::post(&self.url, &headers, body.clone()).await {
                Ok((status, _)) if status.is_success() => {
                    return format!("Told Locum that it is {state}");
                }
                Ok((status, _)) => format!("it answered {status}"),
                Err(error) => error.to_string(),
            };
            let Some(pause) = pauses.next() else {
                return format!("Locum was not told that it is {state}: {refusal}");
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn headers(&self, id: &str, at: Timestamp, body: &[u8]) -> Vec<(HeaderName, HeaderValue)> {
        let at = at.as_second().to_string();
        let mut signed = hmac::Context::with_key(&self.key);
        for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
            signed.update(part);
        }
        let signature = format!("v1,{}", STANDARD.encode(signed.sign()));
        [
            (HeaderName::from_static("webhook-id"), id.to_owned()),
            (HeaderName::from_static("webhook-timestamp"), at),
            (HeaderName::from_static("webhook-signature"), signature),
            (CONTENT_TYPE, "application/json".to_owned()),
        ]
        .into_iter()
        // All of it is ASCII without control characters.
        .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
        .collect()
    }
}
