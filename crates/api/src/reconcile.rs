//! What an application accepted, compared with the ledger.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sessions that an application accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileBody {
    #[schema(max_items = 1000)]
    pub accepted: Vec<AcceptedSession>,
}

/// One session, as its assertions named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedSession {
    /// `sid`.
    #[schema(example = "ses_01JDK5Z8M3Q0V9W2Y4X6T8R7P5")]
    pub session: String,
    /// `txn`, where the application kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// When an assertion of it was accepted first, by the application's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// When one was accepted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What the record does not explain of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReconciliationView {
    /// How many were compared.
    pub compared: u32,
    /// Nothing when all of them are on the record.
    pub unexplained: Vec<UnexplainedView>,
}

/// One thing that the record does not explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnexplainedView {
    /// The place among `accepted`, from 0.
    pub index: u32,
    pub session: String,
    /// `unknown-session`, `other-application`, `other-event`, `before-start` or `after-end`.
    pub why: String,
    pub detail: String,
}
