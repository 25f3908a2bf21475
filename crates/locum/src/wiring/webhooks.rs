//! Webhook verification as the HTTP room asks for it.

use locum_connectors::webhook::{WebhookError, WebhookVerifier};
use locum_control::case_signal::Delivery;
use locum_domain::Timestamp;
use locum_http::{WebhookReceiver, WebhookRefused};

/// One connector's webhooks.
pub(crate) struct Receiver {
    pub(crate) connector: String,
    pub(crate) verifier: WebhookVerifier,
}

impl WebhookReceiver for Receiver {
    fn receive(
        &self,
        headers: &http::HeaderMap,
        body: &[u8],
        now: Option<Timestamp>,
    ) -> Result<Delivery, WebhookRefused> {
        let delivery = self
            .verifier
            .verify(headers, body, now)
            .map_err(|error| match error {
                WebhookError::Stale => WebhookRefused::Stale,
                WebhookError::Header(_) | WebhookError::BadSignature => {
                    WebhookRefused::BadSignature
                }
            })?;
        Ok(Delivery {
            connector: self.connector.clone(),
            id: delivery.id,
            signal: delivery.signal,
        })
    }
}
