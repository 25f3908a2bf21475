//! What counts, on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The version that is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GovernanceView {
    /// SHA-256 over the digests of files and settings, in hexadecimal: the `base` of the next change.
    pub digest: String,
    /// How many times something was put in force, the founding included.
    pub version: u64,
    pub at: String,
    /// Who put it in force; nobody at the founding, or where a development server did by itself. This and all that
    /// follows is for security and auditors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The change by which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The second person, where it took one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
    /// Whether the files that lay beside the server at its start are others. They have no effect until they are applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<bool>,
    /// Every text, by its path relative to the folder of `locum.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<BTreeMap<String, String>>,
    /// The governed settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Value>,
}
