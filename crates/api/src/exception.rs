//! Exceptions on the wire: a closed operation, open for a time.

use locum_domain::Exception;
use locum_domain::exception::{ExceptionState, Side};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SignatureBody;

/// Which closed operation is to be open, why and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionBody {
    #[schema(min_length = 1)]
    pub application: String,
    #[schema(min_length = 1)]
    pub operation: String,
    /// At least a sentence.
    pub reason: String,
    /// RFC 3339; at most 30 days ahead.
    #[schema(example = "2026-12-24T12:00:00Z")]
    pub until: String,
}

/// A second person's yes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The caller's own, over what `/statement` answers, where signatures are demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureBody>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExceptionView {
    pub id: String,
    pub application: String,
    pub operation: String,
    pub reason: String,
    pub until: String,
    /// `waiting open denied ended`; an open one opens nothing after `until`.
    pub state: String,
    pub asked_by: String,
    /// `application` or `security`: somebody of the other opens it.
    pub asked_for: String,
    pub asked_at: String,
    /// Who opened, denied or ended it.
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
    /// Why it was denied.
    pub denied_because: Option<String>,
}

impl From<&Exception> for ExceptionView {
    fn from(exception: &Exception) -> Self {
        let (decided, denied_because) = match &exception.state {
            ExceptionState::Waiting => (None, None),
            ExceptionState::Open { confirmed_by, at } => (Some((confirmed_by, at)), None),
            ExceptionState::Denied { by, reason, at } => (Some((by, at)), Some(reason.clone())),
            ExceptionState::Ended { by, at } => (Some((by, at)), None),
        };
        let asked_for = match exception.asked_for {
            Side::Application => "application",
            Side::Security => "security",
        };
        Self {
            id: exception.id.to_string(),
            application: exception.application.to_string(),
            operation: exception.operation.to_string(),
            reason: exception.reason.clone(),
            until: exception.until.to_string(),
            state: exception.state.as_str().to_owned(),
            asked_by: exception.asked_by.to_string(),
            asked_for: asked_for.to_owned(),
            asked_at: exception.asked_at.to_string(),
            decided_by: decided.map(|(by, _)| by.to_string()),
            decided_at: decided.map(|(_, at)| at.to_string()),
            denied_because,
        }
    }
}
