//! Authenticators: whose keys count, as the ledger's own entries tell it. The tables are asked for nothing here, so a
//! row added or changed in them makes no key.

use locum_domain::authenticator::{Asked, Held, Revoked};
use locum_domain::{
    Aggregate, AuthenticatorId, Catalog, Denial, Enrolled, Founding, PrincipalId, Refusal, Stream,
};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Guard;
use crate::sight::{self, SECURITY};

/// One person's authenticators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticators {
    /// The one they founded with, once the founding was complete.
    founding: Option<Held>,
    enrolled: Enrolled,
    /// Of the enrolments: how many events made them.
    version: u64,
}

impl Authenticators {
    /// Those that count now.
    pub fn live(&self) -> impl Iterator<Item = &Held> {
        self.enrolled.live(self.founding.as_ref())
    }

    /// Those that count now and verify their user.
    pub fn live_passkeys(&self) -> impl Iterator<Item = &Held> {
        self.live().filter(|held| held.authenticator.is_passkey())
    }

    /// Whether one with this id counts or ever did.
    pub fn held(&self, id: &AuthenticatorId) -> Option<&Held> {
        let all = self.founding.iter().chain(&self.enrolled.held);
        all.into_iter().find(|held| held.authenticator.id == *id)
    }

    /// By whose doing a key came to count: whoever signed its enrolment, and whoever invited its person to ask. Nobody
    /// for a founder's.
    pub fn vouched_for(&self, id: &AuthenticatorId) -> Vec<&PrincipalId> {
        let signed = self.held(id).and_then(|held| held.enrolled_by.as_ref());
        let asked = self.enrolled.asked.iter().filter(|asked| {
            let decided = asked.decided.as_ref();
            asked.enrolment.authenticator.id == *id && decided.is_some_and(|it| it.is_approved)
        });
        let invited = asked.filter_map(|asked| asked.enrolment.invited_by.as_ref());
        signed.into_iter().chain(invited).collect()
    }

    /// Every one that counts or ever did, with how it was taken out of use.
    pub fn all(&self) -> impl Iterator<Item = (&Held, Option<&Revoked>)> {
        let all = self.founding.iter().chain(&self.enrolled.held);
        all.map(|held| (held, self.enrolled.revocation(&held.authenticator.id)))
    }

    /// What this person asked for, in order, and what became of it.
    pub fn asked(&self) -> &[Asked] {
        &self.enrolled.asked
    }

    pub(crate) fn founding(&self) -> Option<&Held> {
        self.founding.as_ref()
    }

    pub(crate) fn enrolled(&self) -> &Enrolled {
        &self.enrolled
    }

    /// The guard by which a revocation, or any other change of these, that comes first wins.
    pub(crate) fn unchanged(&self) -> Guard {
        Guard::Version {
            stream: Stream::Enrolment(self.enrolled.person.clone()),
            version: self.version,
        }
    }
}

/// Somebody's authenticators: for themselves, for whoever may decide their enrolments, and for auditors.
///
/// # Errors
/// `not-found` for what is not the caller's to see, `recorder-unavailable` when the store gives no answer.
pub async fn authenticators(
    control: &Control,
    caller: &Caller,
    person: &PrincipalId,
) -> Result<Authenticators, Refusal> {
    let about = Stream::Enrolment(person.clone());
    if !control.sees(caller, &about).await? {
        return Err(Denial::NotFound.because("no such person's authenticators"));
    }
    let found = control.authenticators_of(person).await?;
    if caller.principal != *person {
        let what = format!("the authenticators of {person}");
        control.looked(caller, &about, &what).await?;
    }
    Ok(found)
}

/// The live authenticator with this WebAuthn credential id, for a sign-in: whose it is, by the ledger.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn by_credential(
    control: &Control,
    credential_id: &str,
) -> Result<Option<Held>, Refusal> {
    let person = control
        .sequencer
        .keys(|keys| keys.person_of_credential(credential_id));
    let Some(person) = person else {
        return Ok(None);
    };
    let found = control.authenticators_of(&person).await?;
    let mut live = found.live();
    let held = live.find(|held| held.authenticator.credential_id() == Some(credential_id));
    Ok(held.cloned())
}

/// The highest count this authenticator was seen to sign with.
pub fn last_count(control: &Control, id: &AuthenticatorId) -> Option<u32> {
    control.sequencer.keys(|keys| keys.count(id))
}

/// Takes in the count of a sign-in that verified. `false` when it does not grow: another sign-in came first with a copy
/// of the key, and this one must not count.
pub fn counted(control: &Control, id: &AuthenticatorId, count: u32) -> bool {
    control.sequencer.counted(id, count)
}

/// Whether this person has a say in somebody's authenticators: their manager, security, or a founder.
pub(crate) fn answers_for(
    catalog: &Catalog,
    founders: &[PrincipalId],
    caller: &PrincipalId,
    person: &PrincipalId,
) -> bool {
    let works_here = |id| catalog.people.get(id).is_some_and(|it| it.is_active);
    let person = catalog.people.get(person);
    let is_manager = person.is_some_and(|it| it.manager.as_ref() == Some(caller));
    works_here(caller)
        && (is_manager || founders.contains(caller) || sight::has_role(catalog, caller, SECURITY))
}

impl Control {
    /// One person's authenticators by the ledger.
    ///
    /// # Errors
    /// `not-found` when the tables hold something else than was recorded.
    pub(crate) async fn authenticators_of(
        &self,
        person: &PrincipalId,
    ) -> Result<Authenticators, Refusal> {
        let founding = self.verified_founding().await?;
        let stream = Stream::Enrolment(person.clone());
        let (state, version) = self.verified_with_version(&stream).await?;
        let enrolled = match state {
            Some(Aggregate::Enrolled(enrolled)) => *enrolled,
            _ => Enrolled::none(person.clone()),
        };
        Ok(Authenticators {
            founding: founding.and_then(|founding| founding.held(person)),
            enrolled,
            version,
        })
    }

    /// The founding by the ledger, in whatever state it is.
    pub(crate) async fn verified_founding(&self) -> Result<Option<Founding>, Refusal> {
        match self.verified(&Stream::Founding).await? {
            Some(Aggregate::Founding(founding)) => Ok(Some(*founding)),
            _ => Ok(None),
        }
    }

    /// Who founded this ledger, once they have.
    pub(crate) async fn founders(&self) -> Result<Vec<PrincipalId>, Refusal> {
        let founding = self.verified_founding().await?;
        let complete = founding.filter(Founding::is_complete);
        Ok(complete.map_or_else(Vec::new, |founding| founding.founders))
    }
}
