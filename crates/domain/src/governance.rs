//! What counts: the files that were applied and recorded, never those that lie on the disk.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::ids::{ChangeId, PrincipalId};

/// Catalog, policies and security settings as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// `None` for the founding and for differences that a development server applies by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PrincipalId>,
    /// The change that was proposed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
    /// The second person, where it loosens anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<PrincipalId>,
    pub at: Timestamp,
    /// SHA-256 over the digests of `files` and `settings`, in hexadecimal.
    pub digest: String,
    /// Every file by its path relative to the folder of `locum.toml`.
    pub files: BTreeMap<String, String>,
    /// The security settings of `locum.toml`, without secrets.
    pub settings: serde_json::Value,
}

/// The governance in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governance {
    pub in_force: Applied,
    /// How often something was applied, the founding included.
    pub times_applied: u64,
}

impl Governance {
    /// Folds an event of the governance stream.
    pub fn evolve(state: Option<Governance>, event: &Event) -> Option<Governance> {
        match (state, event) {
            (None, Event::Founded { applied }) => Some(Governance {
                in_force: (**applied).clone(),
                times_applied: 1,
            }),
            (Some(before), Event::Applied { applied }) => Some(Governance {
                in_force: (**applied).clone(),
                times_applied: before.times_applied.saturating_add(1),
            }),
            (state, _) => state,
        }
    }
}
