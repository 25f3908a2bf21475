//! Enrolment: how another key of a person comes to count, and how one stops counting.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Authenticator, EnrolmentStatement, Signature};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{AuthenticatorId, EnrolmentId, PrincipalId};

/// How long a new authenticator signs nothing in `regulated` applications.
pub const SIGNS_REGULATED_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How long an enrolment waits for somebody to sign it.
const ASKED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// One person's authenticators, and those they ask for. The founding's are beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub person: PrincipalId,
    /// Whose invitations nobody has followed yet, and when each was made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub invited: BTreeMap<PrincipalId, Timestamp>,
    #[serde(default)]
    pub held: Vec<Held>,
    #[serde(default)]
    pub asked: Vec<Asked>,
    /// Authenticators that count no more, those of the founding included.
    #[serde(default)]
    pub revoked: Vec<Revoked>,
}

/// An authenticator that counts, or once did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub authenticator: Authenticator,
    pub enrolled_at: Timestamp,
    /// Who signed the enrolment; `None` for a founder's, which the other founder signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_by: Option<PrincipalId>,
}

impl Held {
    /// From when on it may sign what concerns a `regulated` application.
    pub fn signs_regulated_from(&self) -> Timestamp {
        let delay = match self.enrolled_by {
            Some(_) => SIGNS_REGULATED_AFTER,
            None => SignedDuration::ZERO,
        };
        self.enrolled_at
            .saturating_add(delay)
            .unwrap_or(self.enrolled_at)
    }
}

/// An authenticator that counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub authenticator: AuthenticatorId,
    pub by: PrincipalId,
    pub at: Timestamp,
    pub because: String,
}

/// An enrolment as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    pub id: EnrolmentId,
    pub authenticator: Authenticator,
    /// The lost one whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AuthenticatorId>,
    /// Who invited the person to ask, where they could not sign in to ask by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<PrincipalId>,
    /// At least 16 random bytes in hexadecimal, so that nobody can prepare a signature.
    pub nonce: String,
    pub at: Timestamp,
}

/// An enrolment that waits, or was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub enrolment: Enrolment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// What became of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub is_approved: bool,
    /// Whom Locum told of an approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub announced_to: Vec<PrincipalId>,
}

/// Asking for an enrolment.
#[derive(Debug, Clone)]
pub struct Asking {
    pub id: EnrolmentId,
    pub authenticator: Authenticator,
    pub replaces: Option<AuthenticatorId>,
    pub nonce: String,
    pub at: Timestamp,
}

/// Letting an authenticator count.
#[derive(Debug, Clone)]
pub struct Approving {
    pub by: PrincipalId,
    pub signature: Signature,
    pub announced_to: Vec<PrincipalId>,
    pub at: Timestamp,
}

impl Asked {
    /// Whether somebody can still decide it.
    pub fn is_waiting(&self, at: Timestamp) -> bool {
        self.decided.is_none() && at < self.enrolment.decide_by()
    }
}

impl Enrolment {
    /// When it lapses, if nobody decides.
    pub fn decide_by(&self) -> Timestamp {
        self.at.saturating_add(ASKED_FOR).unwrap_or(self.at)
    }

    /// What whoever approves it signs.
    pub fn statement<'a>(&'a self, by: &'a PrincipalId) -> EnrolmentStatement<'a> {
        EnrolmentStatement {
            by,
            enrolment: &self.id,
            person: &self.authenticator.person,
            authenticator: &self.authenticator.id,
            thumbprint: self.authenticator.thumbprint(),
            means: &self.authenticator.means,
            replaces: self.replaces.as_ref(),
            invited_by: self.invited_by.as_ref(),
            nonce: &self.nonce,
        }
    }
}

impl Enrolled {
    /// Nobody's authenticators yet.
    pub fn none(person: PrincipalId) -> Self {
        Self {
            person,
            invited: BTreeMap::new(),
            held: Vec::new(),
            asked: Vec::new(),
            revoked: Vec::new(),
        }
    }

    /// Whether an authenticator was taken out of use.
    pub fn revocation(&self, id: &AuthenticatorId) -> Option<&Revoked> {
        self.revoked.iter().find(|it| it.authenticator == *id)
    }

    /// The authenticators that count now, `founding`'s own for a founder among them.
    pub fn live<'a>(&'a self, founding: Option<&'a Held>) -> impl Iterator<Item = &'a Held> {
        let all = founding.into_iter().chain(&self.held);
        all.filter(|held| self.revocation(&held.authenticator.id).is_none())
    }

    /// The enrolment that waits under this id.
    ///
    /// # Errors
    /// `not-found`, `already-decided`, `lapsed` after 72 hours.
    pub fn waiting(&self, id: &EnrolmentId, at: Timestamp) -> Result<&Enrolment, Refusal> {
        let asked = self.asked.iter().find(|it| it.enrolment.id == *id);
        let asked = asked.ok_or_else(|| Denial::NotFound.because("nothing here has this id"))?;
        if asked.decided.is_some() {
            return Err(Denial::AlreadyDecided.because("this enrolment was decided"));
        }
        if at >= asked.enrolment.decide_by() {
            return Err(Denial::Lapsed.because("nobody signed this enrolment in time"));
        }
        Ok(&asked.enrolment)
    }

    /// The person asks that an authenticator count.
    ///
    /// # Errors
    /// `already-decided` for a key that counts, counted or waits already, `malformed` for another person's.
    pub fn ask(&self, asking: Asking) -> Result<Event, Refusal> {
        self.asked(asking, None)
    }

    /// The same, by whoever's invitation.
    pub(super) fn asked(
        &self,
        asking: Asking,
        invited_by: Option<PrincipalId>,
    ) -> Result<Event, Refusal> {
        let Asking {
            id,
            authenticator,
            replaces,
            nonce,
            at,
        } = asking;
        if authenticator.person != self.person || !authenticator.is_named_by_its_key() {
            return Err(Denial::Malformed.because("the authenticator is somebody else's"));
        }
        let is_known = self
            .held
            .iter()
            .any(|held| held.authenticator.id == authenticator.id)
            || self.revocation(&authenticator.id).is_some();
        let waits = |it: &&Asked| it.enrolment.authenticator.id == authenticator.id;
        let is_waiting = self
            .asked
            .iter()
            .filter(waits)
            .any(|it| self.waiting(&it.enrolment.id, at).is_ok());
        if is_known || is_waiting {
            return Err(Denial::AlreadyDecided.because("this authenticator is known already"));
        }
        Ok(Event::EnrolmentAsked {
            enrolment: Box::new(Enrolment {
                id,
                authenticator,
                replaces,
                invited_by,
                nonce,
                at,
            }),
        })
    }

    /// Somebody else, who may and whose signature was checked, lets the authenticator count.
    ///
    /// # Errors
    /// `self-approval` for the person themselves, and those of [`Enrolled::waiting`] and
    /// [`Enrolled::is_for_another`]; `founding` is the person's own of the founding.
    pub fn approve(
        &self,
        id: &EnrolmentId,
        founding: Option<&Held>,
        approving: Approving,
    ) -> Result<Event, Refusal> {
        let Approving {
            by,
            signature,
            announced_to,
            at,
        } = approving;
        let enrolment = self.waiting(id, at)?;
        self.by_another(&by)?;
        self.is_for_another(enrolment, founding, &by)?;
        Ok(Event::EnrolmentApproved {
            enrolment: id.clone(),
            person: self.person.clone(),
            by,
            signature,
            announced_to,
            at,
        })
    }

    /// Somebody says no: the person themselves, who takes it back, or whoever might have approved it.
    ///
    /// # Errors
    /// Those of [`Enrolled::waiting`], and `reason-missing` without words.
    pub fn deny(
        &self,
        id: &EnrolmentId,
        by: &PrincipalId,
        reason: &str,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.waiting(id, at)?;
        Ok(Event::EnrolmentDenied {
            enrolment: id.clone(),
            person: self.person.clone(),
            by: by.clone(),
            reason: words(reason)?,
            at,
        })
    }

    /// Takes an authenticator out of use at once; `founding` is the person's own of the founding.
    ///
    /// # Errors
    /// `not-found` for one that does not count, `reason-missing` without words.
    pub fn revoke(
        &self,
        id: &AuthenticatorId,
        founding: Option<&Held>,
        by: &PrincipalId,
        because: &str,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        if !self.live(founding).any(|held| held.authenticator.id == *id) {
            return Err(Denial::NotFound.because("no authenticator in use has this id"));
        }
        Ok(Event::AuthenticatorRevoked {
            authenticator: id.clone(),
            person: self.person.clone(),
            by: by.clone(),
            because: words(because)?,
            at,
        })
    }

    fn by_another(&self, by: &PrincipalId) -> Result<(), Refusal> {
        if *by == self.person {
            return Err(Denial::SelfApproval.because("nobody signs their own enrolment"));
        }
        Ok(())
    }

    /// Folds an event of one person's enrolments.
    pub fn evolve(state: Option<Enrolled>, event: &Event) -> Option<Enrolled> {
        let person = match event {
            Event::EnrolmentAsked { enrolment } => &enrolment.authenticator.person,
            Event::EnrolmentInvited { person, .. }
            | Event::EnrolmentApproved { person, .. }
            | Event::EnrolmentDenied { person, .. }
            | Event::AuthenticatorRevoked { person, .. } => person,
            _ => return state,
        };
        let mut enrolled = state.unwrap_or_else(|| Enrolled::none(person.clone()));
        match event {
            Event::EnrolmentInvited { by, at, .. } => {
                enrolled.invited.insert(by.clone(), *at);
            }
            Event::EnrolmentAsked { enrolment } => {
                if let Some(by) = &enrolment.invited_by {
                    enrolled.invited.remove(by);
                }
                enrolled.asked.push(Asked {
                    enrolment: (**enrolment).clone(),
                    decided: None,
                });
            }
            Event::EnrolmentApproved {
                enrolment,
                by,
                at,
                announced_to,
                ..
            } => {
                let decided = Decided {
                    by: by.clone(),
                    at: *at,
                    is_approved: true,
                    announced_to: announced_to.clone(),
                };
                let asked = enrolled.decided(enrolment, decided);
                enrolled.held.extend(asked.map(|asked| Held {
                    authenticator: asked.authenticator,
                    enrolled_at: *at,
                    enrolled_by: Some(by.clone()),
                }));
            }
            Event::EnrolmentDenied {
                enrolment, by, at, ..
            } => {
                let decided = Decided {
                    by: by.clone(),
                    at: *at,
                    is_approved: false,
                    announced_to: Vec::new(),
                };
                enrolled.decided(enrolment, decided);
            }
            Event::AuthenticatorRevoked {
                authenticator,
                by,
                because,
                at,
                ..
            } => enrolled.revoked.push(Revoked {
                authenticator: authenticator.clone(),
                by: by.clone(),
                at: *at,
                because: because.clone(),
            }),
            _ => {}
        }
        Some(enrolled)
    }

    fn decided(&mut self, id: &EnrolmentId, decided: Decided) -> Option<Enrolment> {
        let asked = self.asked.iter_mut().find(|it| it.enrolment.id == *id)?;
        asked.decided = Some(decided);
        Some(asked.enrolment.clone())
    }

    /// Under which keys a person's enrolments are found: each key, credential and enrolment by its id.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let waiting = self.asked.iter().filter(|it| it.decided.is_none());
        let asked = self.asked.iter();
        let mut keys: Vec<_> = asked
            .map(|it| ("enrolment", it.enrolment.id.to_string()))
            .collect();
        if waiting.clone().next().is_some() {
            keys.push(("state", "waiting".to_owned()));
        }
        let asked = waiting.map(|it| &it.enrolment.authenticator);
        let held = self.held.iter().map(|held| &held.authenticator);
        keys.extend(asked.chain(held).flat_map(found_by));
        keys.sort();
        keys.dedup();
        keys
    }
}

/// The keys that two people can never share.
pub(super) fn found_by(authenticator: &Authenticator) -> Vec<(&'static str, String)> {
    let mut keys = vec![("authenticator", authenticator.id.to_string())];
    let credential = authenticator.credential_id();
    keys.extend(credential.map(|id| ("credential", id.to_owned())));
    keys
}

fn words(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() < 3 || text.chars().count() > 2_000 {
        let refusal = Denial::ReasonMissing.because("say why, in 3 to 2,000 characters");
        return Err(refusal.at("/reason"));
    }
    Ok(text.to_owned())
}
