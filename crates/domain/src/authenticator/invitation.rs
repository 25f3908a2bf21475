//! Invitation: how somebody who has no way to sign in yet comes to ask for their first key.
//!
//! It makes no key count. Whoever holds the link can ask, as the person it names, that a key count; another enrolled
//! person than the one who invited signs that, or nobody does.

use jiff::{SignedDuration, Timestamp};

use super::enrolment::{Asking, Enrolled, Enrolment, Held};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::PrincipalId;

/// How long somebody who was invited may ask.
pub const INVITED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Enrolled {
    /// Somebody who answers for this person invites them to ask for a key; `founding` is the person's own of the
    /// founding.
    ///
    /// # Errors
    /// `self-approval` for the person themselves, `already-decided` for whoever holds an authenticator in use.
    pub fn invite(
        &self,
        founding: Option<&Held>,
        by: &PrincipalId,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        if *by == self.person {
            return Err(Denial::SelfApproval.because("nobody invites themselves"));
        }
        self.holds_nothing(founding)?;
        Ok(Event::EnrolmentInvited {
            person: self.person.clone(),
            by: by.clone(),
            at,
        })
    }

    /// The person asks that an authenticator count, by the invitation of `by`, which that uses up.
    ///
    /// # Errors
    /// `not-found` without an invitation that was not used, `lapsed` after 24 hours, `already-decided` for whoever got
    /// an authenticator meanwhile, and those of [`Enrolled::ask`].
    pub fn ask_invited(
        &self,
        founding: Option<&Held>,
        by: &PrincipalId,
        asking: Asking,
    ) -> Result<Event, Refusal> {
        self.holds_nothing(founding)?;
        let at = self.invited.get(by);
        let at = at.ok_or_else(|| Denial::NotFound.because("no such invitation is open"))?;
        if asking.at.duration_since(*at) >= INVITED_FOR {
            return Err(Denial::Lapsed.because("nobody followed this invitation in time"));
        }
        self.asked(asking, Some(by.clone()))
    }

    /// Whether an enrolment may still be signed for by `by`, as far as an invitation says so.
    ///
    /// # Errors
    /// `second-person-required` for whoever invited, `already-decided` when its person got another authenticator
    /// meanwhile: the next one they ask for themselves.
    pub fn is_for_another(
        &self,
        enrolment: &Enrolment,
        founding: Option<&Held>,
        by: &PrincipalId,
    ) -> Result<(), Refusal> {
        match &enrolment.invited_by {
            None => Ok(()),
            Some(host) if host == by => Err(Denial::SecondPersonRequired
                .because("whoever invited somebody does not sign for them: somebody else does")),
            Some(_) => self.holds_nothing(founding),
        }
    }

    /// An invitation is for whoever has nothing to sign in with.
    fn holds_nothing(&self, founding: Option<&Held>) -> Result<(), Refusal> {
        if self.live(founding).next().is_some() {
            let detail = "this person holds an authenticator: they ask for the next one themselves";
            return Err(Denial::AlreadyDecided.because(detail));
        }
        Ok(())
    }
}
