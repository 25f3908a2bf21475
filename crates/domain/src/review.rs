//! A named person's examination of a finished session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{EventId, PrincipalId, RequestId, ReviewId, SessionId};

/// What a review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    Justified,
    JustifiedWithFollowUp,
    Unjustified,
}

impl Finding {
    /// The finding as the contract writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Finding::Justified => "justified",
            Finding::JustifiedWithFollowUp => "justified-with-follow-up",
            Finding::Unjustified => "unjustified",
        }
    }
}

/// A review, open or completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub id: ReviewId,
    pub session: SessionId,
    pub request: RequestId,
    pub event: EventId,
    /// Who owes it: named, and neither asked, used, approved nor sponsored.
    pub reviewer: Option<PrincipalId>,
    pub due: Timestamp,
    pub opened_at: Timestamp,
    /// Everybody who asked, used, approved, sponsored or gained: none of them may complete it.
    pub barred: Vec<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Completion>,
}

/// The completed half of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub finding: Finding,
    pub note: String,
}

impl Review {
    /// Completes the review with a finding and a sentence.
    ///
    /// # Errors
    /// When it is completed already, the person is barred or not the reviewer, or the sentence is missing.
    pub fn complete(
        &self,
        by: &PrincipalId,
        finding: Finding,
        note: &str,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        if self.barred.contains(by) {
            return Err(Denial::ConflictOfInterest
                .because("you asked, used, approved or sponsored this session"));
        }
        if self.reviewer.as_ref() != Some(by) {
            return Err(Denial::NotAnApprover.because("another person is named as reviewer"));
        }
        if self.completed.is_some() {
            return Err(Denial::AlreadyDecided.because("the review is completed already"));
        }
        if note.trim().chars().count() < 15 {
            return Err(Denial::ReasonMissing
                .because("a finding needs a sentence of at least 15 characters")
                .at("/note"));
        }
        let completion = Completion {
            by: by.clone(),
            at,
            finding,
            note: note.trim().to_owned(),
        };
        Ok(Event::ReviewCompleted {
            review: self.id.clone(),
            completion,
        })
    }

    /// Folds an event of this review's stream.
    pub fn evolve(state: Option<Review>, event: &Event) -> Option<Review> {
        match (state, event) {
            (None, Event::ReviewOpened { review }) => Some(review.clone()),
            (Some(review), Event::ReviewCompleted { completion, .. }) => Some(Review {
                completed: Some(completion.clone()),
                ..review
            }),
            (state, _) => state,
        }
    }
}

impl Review {
    /// Under which keys a review is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let state = if self.completed.is_some() {
            "completed"
        } else {
            "open"
        };
        let mut keys = vec![
            ("state", state.to_owned()),
            ("session", self.session.to_string()),
        ];
        if let Some(reviewer) = &self.reviewer {
            keys.push(("reviewer", reviewer.to_string()));
            keys.push(("reviewer-state", format!("{reviewer}/{state}")));
        }
        keys
    }
}
