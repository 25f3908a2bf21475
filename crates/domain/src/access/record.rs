//! The access records. They name objects and operations, never what was in them, and no credential.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::denial::Denial;
use crate::ids::{ApplicationId, OperationId, RecordId, SessionId};

/// A request that was allowed. It is durable before the request is forwarded (`record = "before"`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    pub record: RecordId,
    pub session: SessionId,
    pub application: ApplicationId,
    pub operation: OperationId,
    pub method: String,
    /// The path as forwarded, without its query.
    pub path: String,
    /// What was touched, as the operation's `object` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The `jti` of the assertion the application received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<String>,
    pub at: Timestamp,
}

/// How an admitted request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The application answered and the whole answer left.
    Answered,
    /// The session ended under it.
    Cut,
    /// The client went away first.
    Abandoned,
    /// The application could not be reached or broke off.
    Failed,
}

/// What became of an admitted request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    pub record: RecordId,
    pub session: SessionId,
    pub application: ApplicationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Body bytes towards the application and back.
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub outcome: Outcome,
    pub at: Timestamp,
}

/// A request in a known session that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInSession {
    pub record: RecordId,
    pub session: SessionId,
    pub application: ApplicationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    pub method: String,
    pub path: String,
    /// What was asked for, where the path does not say it: a GraphQL root field or a document's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    pub denial: Denial,
    pub at: Timestamp,
}
