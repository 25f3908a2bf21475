//! Which authenticators counted, as the events say it. Whether they say it by right is the verifier's question.

use std::collections::BTreeMap;

use locum_domain::authenticator::{Authenticator, Enrolment, Founding};
use locum_domain::{AuthenticatorId, EnrolmentId, Event, PrincipalId, Recorded, Timestamp};

use crate::story::Line;

/// An authenticator that counted from a place in the ledger on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) authenticator: Authenticator,
    /// Where the last signature stands that it counts by.
    pub(crate) enrolled: Line,
    /// When that was, by the event itself.
    pub(crate) enrolled_at: Timestamp,
    /// Who signed the enrolment; nobody for a founder's, which the founding itself signs.
    pub(crate) enrolled_by: Option<PrincipalId>,
    /// Who invited its person to ask, if they came so.
    pub(crate) invited_by: Option<PrincipalId>,
    /// Where it was taken out of use.
    pub(crate) revoked: Option<Line>,
}

/// Everything that counts or once did, while events are being read in ledger order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counting {
    pub(crate) founding: Option<Founding>,
    /// Invitations that nobody has followed: whom, by whom, and when.
    pub(crate) invited: BTreeMap<(PrincipalId, PrincipalId), Timestamp>,
    pub(crate) asked: BTreeMap<EnrolmentId, Enrolment>,
    known: BTreeMap<AuthenticatorId, Counted>,
}

impl Counted {
    /// By whose doing it counts: whoever signed its enrolment, and whoever invited its person to ask.
    pub(crate) fn vouchers(&self) -> impl Iterator<Item = &PrincipalId> {
        self.enrolled_by.iter().chain(&self.invited_by)
    }
}

impl Counting {
    /// After these events.
    pub(crate) fn of(events: &[Recorded]) -> Self {
        let mut counting = Self::default();
        for recorded in events {
            counting.take(recorded);
        }
        counting
    }

    /// One event more. A key that is known stays what it was when it first counted.
    pub(crate) fn take(&mut self, recorded: &Recorded) {
        let line = Line::of(recorded);
        match &recorded.event {
            Event::FoundingBegun { .. } | Event::FounderEnrolled { .. } => {
                self.founding = Founding::evolve(self.founding.take(), &recorded.event);
            }
            Event::FoundingSigned { at, .. } => {
                let was_complete = self.founding.as_ref().is_some_and(Founding::is_complete);
                self.founding = Founding::evolve(self.founding.take(), &recorded.event);
                let founding = self.founding.as_ref();
                let completed = founding.filter(|it| it.is_complete() && !was_complete);
                let keys: Vec<Authenticator> = completed
                    .iter()
                    .flat_map(|founding| founding.enrolled.values().cloned())
                    .collect();
                for authenticator in keys {
                    self.counts(Counted {
                        authenticator,
                        enrolled: line,
                        enrolled_at: *at,
                        enrolled_by: None,
                        invited_by: None,
                        revoked: None,
                    });
                }
            }
            Event::EnrolmentInvited { person, by, at } => {
                self.invited.insert((person.clone(), by.clone()), *at);
            }
            Event::EnrolmentAsked { enrolment } => {
                if let Some(by) = &enrolment.invited_by {
                    let person = &enrolment.authenticator.person;
                    self.invited.remove(&(person.clone(), by.clone()));
                }
                self.asked
                    .entry(enrolment.id.clone())
                    .or_insert_with(|| (**enrolment).clone());
            }
            Event::EnrolmentApproved {
                enrolment, by, at, ..
            } => {
                if let Some(asked) = self.asked.remove(enrolment) {
                    self.counts(Counted {
                        authenticator: asked.authenticator,
                        enrolled: line,
                        enrolled_at: *at,
                        enrolled_by: Some(by.clone()),
                        invited_by: asked.invited_by,
                        revoked: None,
                    });
                }
            }
            Event::EnrolmentDenied { enrolment, .. } => {
                self.asked.remove(enrolment);
            }
            Event::AuthenticatorRevoked { authenticator, .. } => {
                if let Some(known) = self.known.get_mut(authenticator) {
                    known.revoked = known.revoked.or(Some(line));
                }
            }
            _ => {}
        }
    }

    fn counts(&mut self, counted: Counted) {
        self.known
            .entry(counted.authenticator.id.clone())
            .or_insert(counted);
    }

    /// The authenticator with this id, whether it still counts or not.
    pub(crate) fn known(&self, id: &AuthenticatorId) -> Option<&Counted> {
        self.known.get(id)
    }

    /// Whether a key of this person counts here.
    pub(crate) fn holds_one(&self, person: &PrincipalId) -> bool {
        let is_theirs = |it: &Counted| it.authenticator.person == *person && it.revoked.is_none();
        self.known.values().any(is_theirs)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Counted> {
        self.known.values()
    }
}
