//! How a case system's webhooks are told from forged ones.

use std::path::Path;

use super::Pointer;
use crate::read::Fields;
use crate::secret::{SecretRef, secret};

/// The sender's way of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookSignature {
    /// Standard Webhooks 1.0.
    Standard,
    Zendesk,
    Github,
    Jira,
}

/// Webhooks of one case system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub secret: SecretRef,
    pub signature: WebhookSignature,
    /// JSON Pointer to the case's number.
    pub id: String,
    /// JSON Pointer to the case's state.
    pub state: String,
}

/// `Some(None)` when the case system sends none; `None` when what stands there is wrong.
pub(super) fn webhook(fields: &Fields<'_>, folder: &Path) -> Option<Option<Webhook>> {
    let signature = fields.word(
        "signature",
        &[
            ("standard", WebhookSignature::Standard),
            ("zendesk", WebhookSignature::Zendesk),
            ("github", WebhookSignature::Github),
            ("jira", WebhookSignature::Jira),
        ],
    );
    let pointer = |name: &str, default: &str| {
        fields
            .get::<Pointer>(name)
            .map_or_else(|| default.to_owned(), |pointer| pointer.value.0)
    };
    let (id, state) = (
        pointer("webhook_id", "/data/id"),
        pointer("webhook_state", "/data/state"),
    );
    if fields.node("webhook_secret").is_none() {
        for name in ["signature", "webhook_id", "webhook_state"] {
            if fields.node(name).is_some() {
                let message = format!("`{name}` says nothing without `webhook_secret`");
                fields.problems.error(fields.place_of(name), message);
            }
        }
        return Some(None);
    }
    let secret = secret(fields, "webhook_secret", folder)?.value;
    let signature = signature.map_or(WebhookSignature::Standard, |word| word.value);
    Some(Some(Webhook {
        secret,
        signature,
        id,
        state,
    }))
}
