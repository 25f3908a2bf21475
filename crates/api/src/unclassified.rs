//! What sessions asked an application for and nobody classified.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One address, with ids folded to `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnclassifiedView {
    /// As a line of `routes` writes it.
    pub route: String,
    pub method: String,
    pub path: String,
    /// A GraphQL root field, as a line of `graphql` writes it, or a document's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// How often it was refused.
    pub count: u64,
    pub first_at: String,
    pub last_at: String,
    /// The session that asked for it last.
    pub last_session: String,
}
