//! A named person's examination of a finished session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::authenticator::{FindingStatement, Signature};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{EventId, PrincipalId, RequestId, ReviewId, SessionId};
use crate::session_shown::SessionShown;

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
    /// Whether that person looked after security when the review was opened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_security: bool,
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
    /// The session as the reviewer saw it.
    pub shown: SessionShown,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// A finding as its maker words it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub finding: Finding,
    pub note: &'a str,
}

impl Review {
    /// Completes the review with a finding and a sentence.
    ///
    /// # Errors
    /// When it is completed already, the person is barred or not the reviewer, or the sentence is missing.
    pub fn complete(
        &self,
        by: &PrincipalId,
        found: Found<'_>,
        shown: SessionShown,
        signature: Option<Signature>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.may_be_completed(by, found)?;
        let completion = Completion {
            by: by.clone(),
            at,
            finding: found.finding,
            note: found.note.trim().to_owned(),
            shown,
            signature,
        };
        Ok(Event::ReviewCompleted {
            review: self.id.clone(),
            completion,
        })
    }

    /// What this person signs to complete the review so.
    ///
    /// # Errors
    /// As for [`Review::complete`].
    pub fn finding_statement<'a>(
        &'a self,
        by: &'a PrincipalId,
        found: Found<'a>,
        shown: &'a SessionShown,
    ) -> Result<FindingStatement<'a>, Refusal> {
        self.may_be_completed(by, found)?;
        Ok(FindingStatement {
            by,
            review: &self.id,
            event: &self.event,
            request: &self.request,
            session: &self.session,
            finding: found.finding,
            note: found.note.trim(),
            shown,
        })
    }

    fn may_be_completed(&self, by: &PrincipalId, found: Found<'_>) -> Result<(), Refusal> {
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
        if found.note.trim().chars().count() < 15 {
            return Err(Denial::ReasonMissing
                .because("a finding needs a sentence of at least 15 characters")
                .at("/note"));
        }
        Ok(())
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

impl Completion {
    /// What the reviewer signed, when they signed it.
    pub fn statement<'a>(&'a self, review: &'a Review) -> FindingStatement<'a> {
        FindingStatement {
            by: &self.by,
            review: &review.id,
            event: &review.event,
            request: &review.request,
            session: &review.session,
            finding: self.finding,
            note: &self.note,
            shown: &self.shown,
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
