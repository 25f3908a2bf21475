//! Logins, and the OAuth words of devices and programs, on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of the caller's own logins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginView {
    pub id: String,
    /// How it began: `oidc`, `passkey`, `device`, `program`, `founding-link` or `picked`.
    pub how: String,
    /// The browser's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub began_at: String,
    pub last_seen_at: String,
    /// When it ends at the latest.
    pub end_by: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// What a device shows to whoever should let it in (RFC 8628, section 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceAuthorizationView {
    pub device_code: String,
    #[schema(example = "BCDF-GHJK")]
    pub user_code: String,
    pub verification_uri: String,
    /// The same with the code in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Seconds until the codes expire.
    pub expires_in: u64,
    /// Seconds between two questions.
    #[serde(default = "usual_interval")]
    pub interval: u64,
}

/// RFC 8628, section 3.2.
fn usual_interval() -> u64 {
    5
}

/// An access token to the API (RFC 6749, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Seconds until it expires.
    pub expires_in: u64,
}

/// A refusal in OAuth's words (RFC 6749, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OAuthProblem {
    /// The code.
    pub error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}
