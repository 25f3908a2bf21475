//! Locum's own keys on the wire: public halves only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One key that signs, or once did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyView {
    /// `assertion`, `grant` or `access-token`.
    pub purpose: String,
    /// Whose assertions it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The key's id in what it signs (RFC 7515, section 4.1.4).
    pub kid: String,
    /// Since when it signs nothing more; absent for the one that signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<String>,
}

/// Which of several keys of one purpose to rotate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKeyBody {
    /// Assertions have a key for each application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

/// Which key gave way to which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotationView {
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    pub old_kid: String,
    pub new_kid: String,
}

impl From<&locum_domain::event::KeyRotation> for RotationView {
    fn from(rotation: &locum_domain::event::KeyRotation) -> Self {
        Self {
            purpose: rotation.purpose.clone(),
            application: rotation.application.as_ref().map(ToString::to_string),
            old_kid: rotation.old_kid.clone(),
            new_kid: rotation.new_kid.clone(),
        }
    }
}
