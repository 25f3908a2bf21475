//! The event feed on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One ledger position. `event` and `stream` are absent where the caller may not see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeedItem {
    pub position: u64,
    pub at: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub event: Option<serde_json::Value>,
}

/// What `ledger verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerState {
    pub entries: u64,
    pub is_consistent: bool,
    /// Sentences; empty when state, entries and signed checkpoint agree.
    pub faults: Vec<String>,
    pub checkpoint: Option<String>,
}
