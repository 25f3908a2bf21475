//! Erasures on the wire: what the record holds of one subject, taken away by two people.

use locum_domain::Erasure;
use locum_domain::erasure::ErasureState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose data is to be erased, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureBody {
    /// The user acted as, as the case system names them.
    #[schema(min_length = 1)]
    pub subject: String,
    /// At least a sentence. It is erased with the rest.
    pub reason: String,
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureView {
    pub id: String,
    /// `erased` once it is done.
    pub subject: String,
    /// `erased` once it is done.
    pub reason: String,
    /// `waiting done denied`.
    pub state: String,
    pub asked_by: String,
    pub asked_at: String,
    /// Who confirmed or denied it.
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
    /// Why it was denied.
    pub denied_because: Option<String>,
}

impl From<&Erasure> for ErasureView {
    fn from(erasure: &Erasure) -> Self {
        let (decided, denied_because) = match &erasure.state {
            ErasureState::Waiting => (None, None),
            ErasureState::Done { confirmed_by, at } => (Some((confirmed_by, at)), None),
            ErasureState::Denied { by, reason, at } => (Some((by, at)), Some(reason.clone())),
        };
        Self {
            id: erasure.id.to_string(),
            subject: erasure.subject.to_string(),
            reason: erasure.reason.clone(),
            state: erasure.state.as_str().to_owned(),
            asked_by: erasure.asked_by.to_string(),
            asked_at: erasure.asked_at.to_string(),
            decided_by: decided.map(|(by, _)| by.to_string()),
            decided_at: decided.map(|(_, at)| at.to_string()),
            denied_because,
        }
    }
}
