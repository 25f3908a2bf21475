//! Reviews on the wire.

use locum_domain::Review;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::signature::SignatureBody;

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewView {
    pub id: String,
    /// `open` or `completed`.
    pub state: String,
    pub session: String,
    pub request: String,
    pub event: String,
    pub reviewer: Option<String>,
    pub due: String,
    pub opened_at: String,
    /// `justified`, `justified-with-follow-up` or `unjustified`.
    pub finding: Option<String>,
    pub note: Option<String>,
    pub completed_by: Option<String>,
    /// Whether the reviewer's own signature is kept.
    pub is_signed: bool,
    pub completed_at: Option<String>,
}

/// A finding and its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteReviewBody {
    /// `justified`, `justified-with-follow-up` or `unjustified`.
    pub finding: String,
    pub note: String,
    /// The reviewer's own, over what `/statement` answers to the same words, where signatures are demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureBody>,
}

/// The words of a finding that is about to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingWordsBody {
    /// `justified`, `justified-with-follow-up` or `unjustified`.
    pub finding: String,
    pub note: String,
}

impl From<&Review> for ReviewView {
    fn from(review: &Review) -> Self {
        let completed = review.completed.as_ref();
        Self {
            id: review.id.to_string(),
            state: if completed.is_some() {
                "completed"
            } else {
                "open"
            }
            .to_owned(),
            session: review.session.to_string(),
            request: review.request.to_string(),
            event: review.event.to_string(),
            reviewer: review.reviewer.as_ref().map(ToString::to_string),
            due: review.due.to_string(),
            opened_at: review.opened_at.to_string(),
            finding: completed.map(|it| it.finding.as_str().to_owned()),
            note: completed.map(|it| it.note.clone()),
            completed_by: completed.map(|it| it.by.to_string()),
            is_signed: completed.is_some_and(|it| it.signature.is_some()),
            completed_at: completed.map(|it| it.at.to_string()),
        }
    }
}
