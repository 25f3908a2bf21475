//! A proposed change of what counts: files and settings that have no effect before they are applied (R33).
//!
//! What lets anybody ask, decide, see or administer more, or checks less, waits for a second person who held that
//! authority before the change. Everything else is applied at once, by whoever proposed it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::authenticator::Signature;
use crate::catalog::Catalog;
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::governance::Applied;
use crate::ids::{ChangeId, PrincipalId};
use crate::scope::sentence;

/// What somebody wants to count instead of what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub id: ChangeId,
    pub by: PrincipalId,
    pub at: Timestamp,
    /// Why, in the proposer's words.
    pub note: String,
    /// The digest of what was in force when it was proposed: on another base it is another change.
    pub base: String,
    /// SHA-256 over the digests of `files` and `settings`, in hexadecimal.
    pub digest: String,
    pub files: BTreeMap<String, String>,
    pub settings: serde_json::Value,
    /// What it loosens, a sentence each; empty when it loosens nothing.
    pub loosens: Vec<String>,
    /// Whether whoever proposed it was there in person: authority of theirs that it lends counts with it then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lends: bool,
    /// The whole difference as `plan` computed it, for whoever confirms and for the record.
    pub plan: serde_json::Value,
    pub state: ChangeState,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_false(it: &bool) -> bool {
    !it
}

/// Where a change stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ChangeState {
    /// It loosens something, and nobody else has confirmed it.
    Waiting,
    Applied {
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed_by: Option<PrincipalId>,
    },
    Denied {
        at: Timestamp,
        by: PrincipalId,
        reason: String,
    },
    Withdrawn {
        at: Timestamp,
    },
}

impl ChangeState {
    /// The state in one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            ChangeState::Waiting => "waiting",
            ChangeState::Applied { .. } => "applied",
            ChangeState::Denied { .. } => "denied",
            ChangeState::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Change {
    /// The events by which it counts: with nobody's confirmation where it loosens nothing, else with the second
    /// person's, who saw `digest`.
    ///
    /// # Errors
    /// `already-decided`, `stale-approval` when something else is in force by now or another digest was shown,
    /// `second-person-required` when it loosens something and whoever proposed it confirms, or nobody does.
    pub fn apply(
        &self,
        confirmation: Option<Confirmation<'_>>,
        in_force: &str,
        at: Timestamp,
    ) -> Result<[Event; 2], Refusal> {
        self.is_waiting()?;
        if in_force != self.base {
            let detail = "something else was applied meanwhile: plan it again";
            return Err(Denial::StaleApproval.because(detail));
        }
        if let Some(confirmation) = &confirmation {
            if *confirmation.by == self.by {
                let detail = "whoever proposed a change does not confirm it";
                return Err(Denial::SecondPersonRequired.because(detail));
            }
            if confirmation.digest != self.digest {
                return Err(Denial::StaleApproval.because("that is not the change as it stands"));
            }
        } else if !self.loosens.is_empty() {
            let detail = format!("it loosens something: {}", self.loosens.join("; "));
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        let confirmed_by = confirmation.as_ref().map(|it| it.by.clone());
        let confirmed = Event::ChangeApplied {
            change: self.id.clone(),
            confirmed_by: confirmed_by.clone(),
            signature: confirmation.and_then(|it| it.signature),
            at,
        };
        let applied = Applied {
            by: Some(self.by.clone()),
            change: Some(self.id.clone()),
            confirmed_by,
            at,
            digest: self.digest.clone(),
            files: self.files.clone(),
            settings: self.settings.clone(),
        };
        let applied = Event::Applied {
            applied: Box::new(applied),
        };
        Ok([confirmed, applied])
    }

    /// Somebody else says no, by the catalog in force.
    ///
    /// # Errors
    /// `already-decided`, `second-person-required` for whoever proposed it by whatever account, `reason-missing`,
    /// `malformed`.
    pub fn deny(
        &self,
        catalog: &Catalog,
        by: &PrincipalId,
        reason: &str,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.is_waiting()?;
        if catalog.is_same_human(by, &self.by) {
            let detail = "whoever proposed a change takes it back";
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        let reason = sentence(reason, "/reason", "say why in a sentence")?;
        Ok(Event::ChangeDenied {
            change: self.id.clone(),
            by: by.clone(),
            reason,
            at,
        })
    }

    /// Whoever proposed it takes it back, by whatever account.
    ///
    /// # Errors
    /// `already-decided`, `not-an-approver` for anybody else.
    pub fn withdraw(
        &self,
        catalog: &Catalog,
        by: &PrincipalId,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.is_waiting()?;
        if !catalog.is_same_human(by, &self.by) {
            let detail = "only whoever proposed a change takes it back";
            return Err(Denial::NotAnApprover.because(detail));
        }
        Ok(Event::ChangeWithdrawn {
            change: self.id.clone(),
            by: by.clone(),
            at,
        })
    }

    /// Folds an event of this change's stream.
    pub fn evolve(state: Option<Change>, event: &Event) -> Option<Change> {
        let Some(mut change) = state else {
            return match event {
                Event::ChangeProposed { change } => Some((**change).clone()),
                _ => None,
            };
        };
        match event {
            Event::ChangeApplied {
                confirmed_by, at, ..
            } => {
                change.state = ChangeState::Applied {
                    at: *at,
                    confirmed_by: confirmed_by.clone(),
                };
            }
            Event::ChangeDenied { by, reason, at, .. } => {
                change.state = ChangeState::Denied {
                    at: *at,
                    by: by.clone(),
                    reason: reason.clone(),
                };
            }
            Event::ChangeWithdrawn { at, .. } => {
                change.state = ChangeState::Withdrawn { at: *at };
            }
            _ => {}
        }
        Some(change)
    }

    /// Under which keys a change is found. On which base it waits is one of them: what waits on another base than the one
    /// in force waits for nobody.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![
            ("state", self.state.as_str().to_owned()),
            ("by", self.by.to_string()),
        ];
        if self.state == ChangeState::Waiting {
            keys.push(("waits-on", self.base.clone()));
        }
        keys
    }

    fn is_waiting(&self) -> Result<(), Refusal> {
        match &self.state {
            ChangeState::Waiting => Ok(()),
            state => {
                let detail = format!("the change is {}", state.as_str());
                Err(Denial::AlreadyDecided.because(detail))
            }
        }
    }
}

/// A second person's yes to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation<'a> {
    pub by: &'a PrincipalId,
    /// The digest they were shown.
    pub digest: &'a str,
    /// Over the confirmation's statement; verified before it is recorded.
    pub signature: Option<Signature>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(loosens: &[&str]) -> Change {
        Change {
            id: ChangeId::from_bytes([1; 16]),
            by: "sam".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
            note: "a new colleague".to_owned(),
            base: "a".repeat(64),
            digest: "b".repeat(64),
            files: BTreeMap::new(),
            settings: serde_json::Value::Null,
            loosens: loosens.iter().map(|it| (*it).to_owned()).collect(),
            lends: false,
            plan: serde_json::Value::Null,
            state: ChangeState::Waiting,
        }
    }

    fn denial(
        change: &Change,
        by: Option<&str>,
        digest: &str,
        in_force: &str,
    ) -> Result<(), Denial> {
        let by: Option<PrincipalId> = by.map(|by| by.parse().unwrap());
        let confirmation = by.as_ref().map(|by| Confirmation {
            by,
            digest,
            signature: None,
        });
        let applied = change.apply(confirmation, in_force, Timestamp::UNIX_EPOCH);
        applied.map(|_| ()).map_err(|refusal| refusal.denial)
    }

    #[test]
    fn r33_what_loosens_something_needs_a_second_person_and_what_does_not_needs_nobody() {
        let (base, digest) = ("a".repeat(64), "b".repeat(64));
        let tightens = change(&[]);
        assert_eq!(denial(&tightens, None, "", &base), Ok(()));
        let loosens = change(&["ann may ask for more"]);
        let second = Err(Denial::SecondPersonRequired);
        assert_eq!(denial(&loosens, None, "", &base), second);
        assert_eq!(denial(&loosens, Some("sam"), &digest, &base), second);
        assert_eq!(denial(&loosens, Some("prya"), &digest, &base), Ok(()));
    }

    #[test]
    fn r33_a_confirmation_covers_exactly_the_change_and_the_base_it_was_shown() {
        let (base, digest) = ("a".repeat(64), "b".repeat(64));
        let loosens = change(&["ann may ask for more"]);
        let stale = Err(Denial::StaleApproval);
        assert_eq!(denial(&loosens, Some("prya"), &base, &base), stale);
        assert_eq!(denial(&loosens, Some("prya"), &digest, &digest), stale);
    }

    #[test]
    fn r33_a_change_is_decided_once() {
        let loosens = change(&["ann may ask for more"]);
        let event = loosens.deny(
            &Catalog::default(),
            &"prya".parse().unwrap(),
            "ann left us",
            Timestamp::UNIX_EPOCH,
        );
        let denied = Change::evolve(Some(loosens), &event.unwrap()).unwrap();
        let (base, digest) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(
            denial(&denied, Some("prya"), &digest, &base),
            Err(Denial::AlreadyDecided)
        );
    }
}
