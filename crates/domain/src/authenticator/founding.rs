//! The founding: two named people whose keys everything else is signed under.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Authenticator, FoundingStatement, FoundingStatementKey, Held, Signature};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::PrincipalId;

/// The ceremony in whatever state it has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founding {
    /// The ledger's origin.
    pub origin: String,
    /// Who founds, in order of their ids.
    pub founders: Vec<PrincipalId>,
    /// At least 16 random bytes in hexadecimal.
    pub nonce: String,
    pub begun_at: Timestamp,
    #[serde(default)]
    pub enrolled: BTreeMap<PrincipalId, Authenticator>,
    #[serde(default)]
    pub signed: BTreeMap<PrincipalId, Signature>,
    /// When the last founder signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

impl Founding {
    /// What every founder signs, once all have enrolled.
    pub fn statement(&self) -> Option<FoundingStatement<'_>> {
        let key = |person| {
            let authenticator = self.enrolled.get(person)?;
            Some(FoundingStatementKey {
                person,
                thumbprint: authenticator.thumbprint(),
                means: &authenticator.means,
            })
        };
        let founders: Option<Vec<_>> = self.founders.iter().map(key).collect();
        Some(FoundingStatement {
            origin: &self.origin,
            founders: founders.filter(|it| !it.is_empty())?,
            nonce: &self.nonce,
        })
    }

    /// Whether the founders' keys count.
    pub fn is_complete(&self) -> bool {
        self.completed_at.is_some()
    }

    /// A founder's authenticator, once the founding is complete.
    pub fn held(&self, person: &PrincipalId) -> Option<Held> {
        let enrolled_at = self.completed_at?;
        let authenticator = self.enrolled.get(person)?.clone();
        Some(Held {
            authenticator,
            enrolled_at,
            enrolled_by: None,
        })
    }

    /// A founder enrols their authenticator; until somebody has signed, another takes its place.
    ///
    /// # Errors
    /// `not-an-approver` for anybody else, `already-decided` once somebody signed, `malformed` for what is no
    /// passkey, `conflict-of-interest` for the other founder's key.
    pub fn enrol(&self, authenticator: Authenticator, at: Timestamp) -> Result<Event, Refusal> {
        self.may_found(&authenticator.person)?;
        if !self.signed.is_empty() {
            return Err(Denial::AlreadyDecided.because("the founders' keys are being signed"));
        }
        if !authenticator.is_passkey() || !authenticator.is_named_by_its_key() {
            return Err(Denial::Malformed.because("a founder enrols a passkey that verifies them"));
        }
        if self.enrolled.get(&authenticator.person) == Some(&authenticator) {
            return Err(Denial::AlreadyDecided.because("you have enrolled this one"));
        }
        let is_anothers = self.enrolled.values().any(|other| {
            other.person != authenticator.person
                && (other.id == authenticator.id
                    || other.credential_id() == authenticator.credential_id())
        });
        if is_anothers {
            let detail = "this authenticator is the other founder's: two people, two keys";
            return Err(Denial::ConflictOfInterest.because(detail));
        }
        Ok(Event::FounderEnrolled {
            authenticator: Box::new(authenticator),
            at,
        })
    }

    /// A founder signs both keys. The signature was checked over [`Founding::statement`] by whoever calls this.
    ///
    /// # Errors
    /// `not-an-approver` for anybody else, `missing-approval` before all have enrolled, `already-decided` the
    /// second time, `signature-required` for another key than their own.
    pub fn sign(
        &self,
        by: &PrincipalId,
        signature: Signature,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.may_found(by)?;
        if self.statement().is_none() {
            return Err(Denial::MissingApproval.because("the other founder has not enrolled yet"));
        }
        if self.signed.contains_key(by) {
            return Err(Denial::AlreadyDecided.because("you have signed"));
        }
        let own = self.enrolled.get(by).map(|own| &own.id);
        if own != Some(signature.authenticator()) {
            return Err(Denial::SignatureRequired.because("sign with the key you enrolled"));
        }
        Ok(Event::FoundingSigned {
            by: by.clone(),
            signature,
            at,
        })
    }

    /// The founding as it is when it begins, whatever else its event brings.
    fn begun(&self) -> Founding {
        Founding {
            origin: self.origin.clone(),
            founders: self.founders.clone(),
            nonce: self.nonce.clone(),
            begun_at: self.begun_at,
            enrolled: BTreeMap::new(),
            signed: BTreeMap::new(),
            completed_at: None,
        }
    }

    fn may_enrol(&self, authenticator: &Authenticator) -> bool {
        self.signed.is_empty() && self.may_found(&authenticator.person).is_ok()
    }

    fn may_found(&self, person: &PrincipalId) -> Result<(), Refusal> {
        if self.is_complete() {
            return Err(Denial::AlreadyDecided.because("the founding is complete"));
        }
        if !self.founders.contains(person) {
            return Err(Denial::NotAnApprover.because("the founding names other people"));
        }
        Ok(())
    }

    /// Folds an event of the founding. Keys and signatures come by events of their own and in no other way, no key after
    /// the first signature, and nothing once the founding is complete.
    pub fn evolve(state: Option<Founding>, event: &Event) -> Option<Founding> {
        let Some(mut founding) = state else {
            return match event {
                Event::FoundingBegun { founding } => Some(founding.begun()),
                _ => None,
            };
        };
        match event {
            Event::FounderEnrolled { authenticator, .. } if founding.may_enrol(authenticator) => {
                let person = authenticator.person.clone();
                founding.enrolled.insert(person, (**authenticator).clone());
            }
            Event::FoundingSigned { by, signature, at } if founding.may_found(by).is_ok() => {
                let signed = founding.signed.entry(by.clone());
                signed.or_insert_with(|| signature.clone());
                let all = |it: &PrincipalId| founding.signed.contains_key(it);
                if founding.founders.iter().all(all) {
                    founding.completed_at = Some(*at);
                }
            }
            _ => {}
        }
        Some(founding)
    }

    /// Under which keys the founding is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let credentials = self.enrolled.values().flat_map(super::enrolment::found_by);
        credentials.collect()
    }
}
