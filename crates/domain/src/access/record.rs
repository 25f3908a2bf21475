//! The access records: one when a request is let through and one when it is over, or one when it is refused. They
//! name objects and operations, never what was in them, and no credential.
//!
//! What the first of two says is not said again by the second: they share the record's id. The decision is the kind
//! of the event.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::denial::Denial;
use crate::ids::{ApplicationId, EventId, OperationId, PrincipalId, RecordId, SessionId};

/// What let a request through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdmittedBy {
    /// The grant has the operation.
    Grant,
    /// What every page needs is part of every grant.
    Asset,
    /// The operation is closed, and an exception of two people had opened it when the session began.
    Exception,
}

impl AdmittedBy {
    /// The rule as the record writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            AdmittedBy::Grant => "grant",
            AdmittedBy::Asset => "asset",
            AdmittedBy::Exception => "exception",
        }
    }
}

/// A request that was allowed. It is durable before the request is forwarded (`record = "before"`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    pub record: RecordId,
    /// The access event: what the assertion calls `txn`.
    pub txn: EventId,
    pub session: SessionId,
    pub actor: PrincipalId,
    /// The subject's id in this application.
    pub subject: String,
    pub application: ApplicationId,
    pub operation: OperationId,
    pub rule: AdmittedBy,
    pub method: String,
    /// What of the catalog the request matched: a route's path as `/invoices/*`, or of a GraphQL document the root
    /// field as `query invoice` or `document SHA-256`.
    pub template: Arc<str>,
    /// The path as forwarded, without its query and without what may be a credential.
    pub path: String,
    /// What was touched, as the operation's `object` writes it; absent where it has none, and what was touched is
    /// then not known.
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
    /// Microseconds since the admission, by a clock that never steps.
    pub duration_us: u64,
    /// The origin that answered, as the catalog writes it; absent when none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Arc<str>>,
    pub outcome: Outcome,
    pub at: Timestamp,
}

/// A request in a known session that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInSession {
    pub record: RecordId,
    /// The access event: what the assertion calls `txn`.
    pub txn: EventId,
    pub session: SessionId,
    pub actor: PrincipalId,
    /// The subject's id in this application, where the session has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub application: ApplicationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// What refused it, besides the code: the class that closes the operation, or the budget that was spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub method: String,
    /// As for [`Admitted::template`]; absent when nothing of the catalog matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Arc<str>>,
    /// As for [`Admitted::path`], at most 2,048 characters of it.
    pub path: String,
    /// What was asked for, where the path does not say it: a GraphQL root field or a document's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    pub denial: Denial,
    pub at: Timestamp,
}
