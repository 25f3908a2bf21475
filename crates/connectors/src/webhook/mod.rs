//! Webhooks of case systems: is this message authentic, and what does it tell us?
//!
//! Nothing here does I/O or reads a clock, and nothing a webhook says opens anything: an authentic message can
//! end access ([`CaseSignal::Closed`]) or make Locum look. The raw bytes are authenticated first, then the
//! timestamp is judged, and only then is the body read as JSON.

mod key;
mod signal;
mod signature;

use http::HeaderMap;
use locum_domain::Timestamp;
use locum_domain::case::CaseSignal;
use secrecy::SecretString;

use crate::settings::SettingsError;
use key::SigningKey;

/// Seconds that a signed timestamp may differ from ours, either way (Standard Webhooks' own tolerance).
pub const TOLERANCE_SECONDS: i64 = 300;

/// The sender's way of signing. All of them are HMAC-SHA256; what differs is what is signed and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    Standard,
    /// `X-Zendesk-Webhook-Signature` and `-Signature-Timestamp`.
    Zendesk,
    /// `X-Hub-Signature-256`; no timestamp.
    Github,
    /// `X-Hub-Signature` (WebSub); no timestamp.
    Jira,
}

/// What a case system's webhooks look like.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The connector's name in the configuration.
    pub connector: String,
    pub scheme: Scheme,
    /// Every secret that is live: during a change of secrets there are two.
    pub secrets: Vec<SecretString>,
    /// JSON Pointer to the case's number.
    pub id: String,
    /// JSON Pointer to the case's state.
    pub state: String,
    /// The states that count as open.
    pub open: std::collections::BTreeSet<String>,
}

/// An authentic message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The same for every repetition of this message: the sender's id where it is signed (Standard Webhooks), or
    /// else the digest of the signed bytes.
    pub id: String,
    pub signal: CaseSignal,
}

/// Why a message is not believed. The sender is answered 401 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A header that the scheme demands is missing, or stands there more than once.
    #[error("the header `{0}` is missing or repeated")]
    Header(&'static str),
    #[error("the signature is not that of a known secret")]
    BadSignature,
    /// Signed, but too long ago, too far ahead, or at no readable moment.
    #[error("the message is not of the last five minutes")]
    Stale,
}

/// Verifies one connector's webhooks.
#[derive(Debug)]
pub struct WebhookVerifier {
    settings: WebhookSettings,
    keys: Vec<SigningKey>,
}

impl WebhookVerifier {
    /// A verifier with these secrets.
    ///
    /// # Errors
    /// When there is no secret, or one that cannot be a key.
    pub fn new(settings: WebhookSettings) -> Result<Self, SettingsError> {
        let mut keys = Vec::new();
        for secret in &settings.secrets {
            keys.extend(SigningKey::parse(settings.scheme, secret)?);
        }
        if keys.is_empty() {
            return Err(SettingsError::SigningSecret);
        }
        Ok(Self { settings, keys })
    }

    /// Authenticates the raw `body` and says what it means. `now` is `None` while no clock can be believed: then
    /// no message is too old, because what it says can only end access, and that waits for no clock.
    ///
    /// # Errors
    /// When a header is missing, no live secret made the signature, or its timestamp is off.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Option<Timestamp>,
    ) -> Result<Delivery, WebhookError> {
        let signed = signature::read(self.settings.scheme, headers, body)?;
        if !signed.is_by_one_of(&self.keys) {
            return Err(WebhookError::BadSignature);
        }
        if !signed.is_fresh(now) {
            return Err(WebhookError::Stale);
        }
        Ok(Delivery {
            id: signed.delivery_id(),
            signal: signal::read(&self.settings, body),
        })
    }
}
