//! Changes of what counts, on the wire: files and settings that somebody proposed.

use std::collections::BTreeMap;

use locum_domain::Change;
use locum_domain::change::ChangeState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{RefusalView, SignatureBody};

/// What is to count, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeChangeBody {
    /// The digest of what it was compared with; whatever is in force when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Every text, by its path relative to the folder of `locum.toml`: catalog, policies and their tests, 4 MiB at most.
    pub files: BTreeMap<String, String>,
    /// The settings that are governed, as `GET /api/v1/governance` answers them.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// Why, in a sentence that is kept.
    pub note: String,
}

/// A second person's yes to exactly what they saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmChangeBody {
    /// The change's `digest` as it was shown.
    pub digest: String,
    /// The caller's own, over what `/statement` answers, where signatures are demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureBody>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangeView {
    pub id: String,
    pub by: String,
    pub at: String,
    pub note: String,
    /// The digest of what was in force when it was proposed. On anything else it cannot be confirmed.
    pub base: String,
    /// SHA-256 over the digests of its files and settings, in hexadecimal.
    pub digest: String,
    /// `waiting applied denied withdrawn`.
    pub state: String,
    /// Who confirmed, denied or withdrew it; nobody where it loosened nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_because: Option<String>,
    /// What it loosens, a sentence each. Without any it counts at once.
    pub loosens: Vec<String>,
    /// Who may be the second person; nobody once it is decided, or stands on what is not in force any more.
    pub could_confirm: Vec<String>,
    /// Whether the caller may be.
    pub may_confirm: bool,
    /// Why the caller may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_not_confirm: Option<RefusalView>,
    /// What of it waits for the next start, a sentence each.
    pub restart: Vec<String>,
    /// The difference, as `locum plan --json` prints it. Not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub plan: Option<serde_json::Value>,
    /// Every text for security, auditors and whoever proposed it; for others the texts that differ. Not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<BTreeMap<String, String>>,
    /// The governed settings, for security, auditors and whoever proposed it. Not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Value>,
}

impl ChangeView {
    /// What the change itself tells. Whether anybody may confirm it depends on what is in force and who asks: here
    /// nobody may.
    pub fn of(change: &Change) -> Self {
        let (decided_by, decided_at, denied_because) = match &change.state {
            ChangeState::Waiting => (None, None, None),
            ChangeState::Applied { at, confirmed_by } => (confirmed_by.as_ref(), Some(at), None),
            ChangeState::Denied { at, by, reason } => (Some(by), Some(at), Some(reason.clone())),
            ChangeState::Withdrawn { at } => (Some(&change.by), Some(at), None),
        };
        Self {
            id: change.id.to_string(),
            by: change.by.to_string(),
            at: change.at.to_string(),
            note: change.note.clone(),
            base: change.base.clone(),
            digest: change.digest.clone(),
            state: change.state.as_str().to_owned(),
            decided_by: decided_by.map(ToString::to_string),
            decided_at: decided_at.map(ToString::to_string),
            denied_because,
            loosens: change.loosens.clone(),
            could_confirm: Vec::new(),
            may_confirm: false,
            may_not_confirm: None,
            restart: Vec::new(),
            plan: None,
            files: None,
            settings: None,
        }
    }
}

/// What proposing a change would do. Nothing is recorded, and it has no id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreviewedChangeView {
    /// The digest of what is in force.
    pub base: String,
    pub digest: String,
    /// Whether it would wait for a second person.
    pub would_wait: bool,
    /// What it loosens, a sentence each.
    pub loosens: Vec<String>,
    /// Who could be the second person.
    pub could_confirm: Vec<String>,
    /// What of it would wait for the next start, a sentence each.
    pub restart: Vec<String>,
    /// The difference, as `locum plan --json` prints it.
    #[schema(value_type = Object)]
    pub plan: serde_json::Value,
}
