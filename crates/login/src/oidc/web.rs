//! The way to the identity provider.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;

/// Sends requests to the identity provider. One request each, no redirects, over TLS except on loopback, with caps
/// on time and size; nothing is retried. Whoever holds it sees the client's secret and the codes that are exchanged,
/// and could answer as the provider; the signature of what it answers is checked by keys that it fetches.
#[async_trait]
pub trait IdentityProviderWeb: Send + Sync {
    /// A GET that is answered with 200 and JSON. `authorization` is the header's whole value.
    async fn get_json(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
    ) -> Result<Value, Silent>;

    /// A POST of `application/x-www-form-urlencoded`, answered with JSON whatever the status.
    async fn post_form(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
        form: String,
    ) -> Result<FormAnswer, Silent>;
}

/// What the provider answers to a form.
#[derive(Debug, Clone)]
pub struct FormAnswer {
    pub status: u16,
    pub body: Value,
}

/// The provider gave no usable answer. The words hold neither address nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Silent(pub String);
