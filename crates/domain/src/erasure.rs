//! Erasing what the record holds of one subject (R26): one person asks, another who had no part in anything confirms.
//!
//! The erasure goes by an id of its own. Its subject and its reason are personal like everything else about them: once
//! it is done, the record says who asked, who confirmed and when, and no longer of whom.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::authenticator::Signature;
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{ErasureId, PrincipalId, RequestId, SubjectId};
use crate::personal::ERASED;

/// One erasure, from the asking on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub id: ErasureId,
    pub subject: SubjectId,
    pub reason: String,
    pub asked_by: PrincipalId,
    pub asked_at: Timestamp,
    pub state: ErasureState,
}

/// Where an erasure stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ErasureState {
    /// One person asked; nothing is erased.
    Waiting,
    Done {
        confirmed_by: PrincipalId,
        at: Timestamp,
    },
    Denied {
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
}

impl ErasureState {
    /// The state in one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            ErasureState::Waiting => "waiting",
            ErasureState::Done { .. } => "done",
            ErasureState::Denied { .. } => "denied",
        }
    }
}

/// What keeps a subject's data on the record for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// A request that can still lead to access, a live session, or an end that is not confirmed everywhere.
    UnderWay(String),
    /// A review or a signature afterwards that somebody still owes.
    Owed(String),
    /// A hold that reaches it.
    Held(String),
}

impl Kept {
    fn refusal(&self) -> Refusal {
        match self {
            Kept::UnderWay(what) => Denial::Conflict.because(format!("{what} is not over yet")),
            Kept::Owed(what) => Denial::Conflict.because(format!("{what} is still open")),
            Kept::Held(hold) => {
                Denial::Held.because(format!("the hold {hold} keeps what this is about"))
            }
        }
    }
}

/// What is known of a subject's data when somebody asks for its erasure or confirms it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Involved {
    /// Everybody who asked, acted, approved, reviewed, signed afterwards or sponsored in any of the subject's events.
    pub people: BTreeSet<PrincipalId>,
    pub kept: Option<Kept>,
}

impl Involved {
    /// # Errors
    /// `conflict-of-interest` for whoever had a part, `conflict` and `held` while something keeps the data.
    fn lets(&self, by: &PrincipalId) -> Result<(), Refusal> {
        if self.people.contains(by) {
            let detail =
                "you asked, acted, approved, reviewed or sponsored in what would be erased";
            return Err(Denial::ConflictOfInterest.because(detail));
        }
        match &self.kept {
            None => Ok(()),
            Some(kept) => Err(kept.refusal()),
        }
    }
}

impl Erasure {
    /// The event by which somebody asks.
    ///
    /// # Errors
    /// `reason-missing`, `subject-unknown` for what is erased already, and those of [`Involved`].
    pub fn ask(self, involved: &Involved) -> Result<Event, Refusal> {
        let reason = crate::scope::sentence(&self.reason, "/reason", "say why in a sentence")?;
        if self.subject.as_str() == ERASED {
            return Err(Denial::SubjectUnknown
                .because("that is what stands where somebody was erased")
                .at("/subject"));
        }
        involved.lets(&self.asked_by)?;
        Ok(Event::ErasureAsked {
            erasure: Box::new(Self { reason, ..self }),
        })
    }

    /// A second person confirms. The keys are gone once this is recorded.
    ///
    /// # Errors
    /// `already-decided`, `second-person-required` for whoever asked, and those of [`Involved`].
    pub fn confirm(
        &self,
        by: &PrincipalId,
        involved: &Involved,
        signature: Option<Signature>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.is_waiting()?;
        if *by == self.asked_by {
            return Err(Denial::SecondPersonRequired
                .because("whoever asked for an erasure cannot confirm it"));
        }
        involved.lets(by)?;
        Ok(Event::ErasureConfirmed {
            erasure: self.id.clone(),
            by: by.clone(),
            signature,
            at,
        })
    }

    /// What stands in the history of each of the subject's requests from then on.
    pub fn told(&self, request: &RequestId, by: &PrincipalId, at: Timestamp) -> Event {
        Event::PersonalErased {
            request: request.clone(),
            erasure: self.id.clone(),
            asked_by: self.asked_by.clone(),
            confirmed_by: by.clone(),
            at,
        }
    }

    /// Somebody says no, or whoever asked takes it back.
    ///
    /// # Errors
    /// `already-decided`, `reason-missing`.
    pub fn deny(&self, by: &PrincipalId, reason: &str, at: Timestamp) -> Result<Event, Refusal> {
        self.is_waiting()?;
        let reason = crate::scope::sentence(reason, "/reason", "say why in a sentence")?;
        Ok(Event::ErasureDenied {
            erasure: self.id.clone(),
            by: by.clone(),
            reason,
            at,
        })
    }

    /// SHA-256 over the canonical form (RFC 8785), in hexadecimal: what the second person signs.
    pub fn digest(&self) -> String {
        // Texts and a time: the canonical form always exists.
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(bytes))
    }

    /// Folds an event of this erasure's stream.
    pub fn evolve(state: Option<Erasure>, event: &Event) -> Option<Erasure> {
        let Some(mut erasure) = state else {
            return match event {
                Event::ErasureAsked { erasure } => Some((**erasure).clone()),
                _ => None,
            };
        };
        match event {
            Event::ErasureConfirmed { by, at, .. } => {
                erasure.state = ErasureState::Done {
                    confirmed_by: by.clone(),
                    at: *at,
                };
            }
            Event::ErasureDenied { by, reason, at, .. } => {
                erasure.state = ErasureState::Denied {
                    by: by.clone(),
                    reason: reason.clone(),
                    at: *at,
                };
            }
            _ => {}
        }
        Some(erasure)
    }

    /// Under which keys an erasure is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        vec![
            ("state", self.state.as_str().to_owned()),
            ("subject", self.subject.to_string()),
        ]
    }

    fn is_waiting(&self) -> Result<(), Refusal> {
        match &self.state {
            ErasureState::Waiting => Ok(()),
            state => {
                let detail = format!("the erasure is {}", state.as_str());
                Err(Denial::AlreadyDecided.because(detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn erasure(reason: &str) -> Erasure {
        Erasure {
            id: ErasureId::from_bytes([1; 16]),
            subject: "jdoe".parse().unwrap(),
            reason: reason.to_owned(),
            asked_by: "prya".parse().unwrap(),
            asked_at: Timestamp::UNIX_EPOCH,
            state: ErasureState::Waiting,
        }
    }

    fn involved(people: &[&str], kept: Option<Kept>) -> Involved {
        Involved {
            people: people.iter().map(|it| it.parse().unwrap()).collect(),
            kept,
        }
    }

    fn code<T>(outcome: Result<T, Refusal>) -> Option<Denial> {
        outcome.err().map(|refusal| refusal.denial)
    }

    #[test]
    fn r26_two_people_without_any_part_erase() {
        let waiting = erasure("the person asked for it");
        let at = Timestamp::UNIX_EPOCH;
        let nobody = Involved::default();
        assert_eq!(code(waiting.clone().ask(&nobody)), None);
        let confirm = |by: &str, involved: &Involved| {
            code(waiting.confirm(&by.parse().unwrap(), involved, None, at))
        };
        assert_eq!(confirm("prya", &nobody), Some(Denial::SecondPersonRequired));
        assert_eq!(confirm("carl", &nobody), None);
        let part = involved(&["carl", "prya"], None);
        assert_eq!(confirm("carl", &part), Some(Denial::ConflictOfInterest));
        assert_eq!(
            code(waiting.clone().ask(&part)),
            Some(Denial::ConflictOfInterest)
        );
    }

    #[test]
    fn r26_nothing_is_erased_while_something_is_open_or_held() {
        let kept = [
            (Kept::UnderWay("session 1".to_owned()), Denial::Conflict),
            (Kept::Owed("review 1".to_owned()), Denial::Conflict),
            (Kept::Held("hold 1".to_owned()), Denial::Held),
        ];
        for (kept, denial) in kept {
            let involved = involved(&[], Some(kept));
            let asked = erasure("the person asked for it");
            let confirmed =
                asked.confirm(&"carl".parse().unwrap(), &involved, None, asked.asked_at);
            assert_eq!(code(confirmed), Some(denial));
            assert_eq!(code(asked.ask(&involved)), Some(denial));
        }
    }

    #[test]
    fn r26_an_erasure_has_a_reason_and_is_decided_once() {
        let nobody = Involved::default();
        assert_eq!(code(erasure(" ").ask(&nobody)), Some(Denial::ReasonMissing));
        let waiting = erasure("the person asked for it");
        let by = "carl".parse().unwrap();
        let event = waiting
            .confirm(&by, &nobody, None, waiting.asked_at)
            .unwrap();
        let done = Erasure::evolve(Some(waiting), &event).unwrap();
        assert_eq!(done.state.as_str(), "done");
        let again = done.confirm(&by, &nobody, None, done.asked_at);
        assert_eq!(code(again), Some(Denial::AlreadyDecided));
        let denied = done.deny(&by, "no longer wanted", done.asked_at);
        assert_eq!(code(denied), Some(Denial::AlreadyDecided));
    }
}
