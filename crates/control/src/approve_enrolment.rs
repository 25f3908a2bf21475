//! Approve an enrolment: somebody else, who holds a passkey themselves, signs that a key is its person's.

use locum_domain::authenticator::{Approving, Enrolment};
use locum_domain::{Denial, EnrolmentId, PrincipalId, Refusal, Signature, Stream};

use crate::ask_enrolment::proposal;
use crate::authenticators::{Authenticators, answers_for};
use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling;
use crate::in_person::in_person;
use crate::statement::StatementToSign;

/// Lets the key of an enrolment count, and has its person and their manager told.
///
/// # Errors
/// `not-found`, `self-approval` for the person by whatever account, `not-an-approver`, `second-person-required` for
/// whoever invited the person by whatever account, `already-decided`, `lapsed`, `not-a-named-person` when the person has
/// left, `signature-required`, `conflict-of-interest` when the key is somebody else's by now; each is on the record.
pub async fn approve_enrolment(
    control: &Control,
    caller: &Caller,
    id: &EnrolmentId,
    signature: &Signature,
) -> Result<Authenticators, Refusal> {
    let person = &control
        .person_of_enrolment(caller, "approve-enrolment", id)
        .await?;
    let stream = &Stream::Enrolment(person.clone());
    control
        .attempt(caller, "approve-enrolment", stream, |at| async move {
            let by = &caller.principal;
            let governance = control.in_force().version;
            control.may_decide_enrolment(caller, person).await?;
            let keys = control.authenticators_of(person).await?;
            let enrolled = keys.enrolled();
            let announced_to = control.announced_to(person);
            let approving = Approving {
                by: by.clone(),
                signature: signature.clone(),
                announced_to,
                at,
            };
            let event = enrolled.approve(id, keys.founding(), approving)?;
            control.is_named_person(person)?;
            let enrolment = enrolled.waiting(id, at)?;
            control.may_sign_enrolment(caller, &keys, enrolment)?;
            control.holds_a_passkey(caller, "enrols nobody").await?;
            let statement = enrolment.statement(by);
            let signed = control.signed_now(by, signature, &statement).await?;
            if !signed.held.authenticator.is_passkey() {
                let detail = "an enrolment is signed with a passkey";
                return Err(Denial::SignatureRequired.because(detail).at("/signature"));
            }
            let mut proposal = proposal(&keys, event, at);
            proposal.guards.push(signed.unchanged);
            proposal
                .guards
                .push(enrolling::catalog_unchanged(governance));
            let authenticator = &enrolment.authenticator;
            let nobody = |kind, own: &[_]| enrolling::nobody_else_has(authenticator, kind, own);
            proposal
                .guards
                .extend(nobody("enrolment", &enrolled.keys()));
            proposal.guards.extend(nobody("founding", &[]));
            Ok(proposal)
        })
        .await?;
    control.authenticators_of(person).await
}

/// What the caller signs to let this enrolment count.
///
/// # Errors
/// As for [`approve_enrolment`].
pub async fn statement(
    control: &Control,
    caller: &Caller,
    id: &EnrolmentId,
) -> Result<StatementToSign, Refusal> {
    let person = control.known_person_of_enrolment(id)?;
    control.may_decide_enrolment(caller, &person).await?;
    let keys = control.authenticators_of(&person).await?;
    let enrolment = keys.enrolled().waiting(id, control.now()?)?;
    control.may_sign_enrolment(caller, &keys, enrolment)?;
    let own = control.authenticators_of(&caller.principal).await?;
    let rp_id = &control.in_force().login.rp_id;
    let statement = enrolment.statement(&caller.principal);
    let fit = own.live_passkeys().map(|held| &held.authenticator);
    StatementToSign::of(&statement, rp_id, fit)
}

impl Control {
    /// Whose enrolment this is, for a verb about it.
    pub(crate) async fn person_of_enrolment(
        &self,
        caller: &Caller,
        act: &'static str,
        id: &EnrolmentId,
    ) -> Result<PrincipalId, Refusal> {
        match self.known_person_of_enrolment(id) {
            Ok(person) => Ok(person),
            Err(refusal) => {
                let about = Stream::Principal(caller.principal.clone());
                Err(self.refused(caller, act, &about, refusal).await)
            }
        }
    }

    fn known_person_of_enrolment(&self, id: &EnrolmentId) -> Result<PrincipalId, Refusal> {
        let person = self.sequencer.keys(|keys| keys.person_of_enrolment(id));
        person.ok_or_else(|| Denial::NotFound.because("no such enrolment"))
    }

    /// Whether the caller may decide this person's enrolments, but for the key that it takes.
    ///
    /// # Errors
    /// `non-human-approver`, `not-a-named-person`, `self-approval`, `not-an-approver`.
    pub(crate) async fn may_decide_enrolment(
        &self,
        caller: &Caller,
        person: &PrincipalId,
    ) -> Result<(), Refusal> {
        self.is_named_person(&caller.principal)?;
        let catalog = self.catalog_for(caller);
        if catalog.is_same_human(&caller.principal, person) {
            return Err(Denial::SelfApproval.because("nobody decides their own enrolment"));
        }
        let founders = self.founders().await?;
        if !answers_for(&catalog, &founders, &caller.principal, person) {
            let detail = "their manager, security or a founder decides who enrols";
            return Err(Denial::NotAnApprover.because(detail));
        }
        Ok(())
    }

    /// Whether the caller may sign this one of a person whose enrolments they may decide. Whoever may not can still
    /// deny it.
    ///
    /// # Errors
    /// `second-person-required` for whoever invited the person by whatever account, `already-decided` when the person
    /// got another authenticator since they were invited.
    pub(crate) fn may_sign_enrolment(
        &self,
        caller: &Caller,
        keys: &Authenticators,
        enrolment: &Enrolment,
    ) -> Result<(), Refusal> {
        let by = &caller.principal;
        let catalog = &self.in_force().catalog;
        let host = enrolment.invited_by.as_ref();
        let host = host.filter(|host| catalog.is_same_human(host, by));
        let (enrolled, founding) = (keys.enrolled(), keys.founding());
        enrolled.is_for_another(enrolment, founding, host.unwrap_or(by))
    }

    /// The caller's own authenticators, if they are here themselves and one of those is a passkey. `act` says what a
    /// device does not do.
    ///
    /// # Errors
    /// `signature-required`.
    pub(crate) async fn holds_a_passkey(
        &self,
        caller: &Caller,
        act: &str,
    ) -> Result<Authenticators, Refusal> {
        in_person(caller, act)?;
        let own = self.authenticators_of(&caller.principal).await?;
        if own.live_passkeys().next().is_none() {
            let detail = "whoever enrols others holds a passkey themselves";
            return Err(Denial::SignatureRequired.because(detail));
        }
        Ok(own)
    }

    /// Whom Locum tells that a key counts: its person, and their manager.
    fn announced_to(&self, person: &PrincipalId) -> Vec<PrincipalId> {
        let in_force = self.in_force();
        let manager = in_force.catalog.people.get(person);
        let manager = manager.and_then(|it| it.manager.clone());
        [person.clone()].into_iter().chain(manager).collect()
    }
}
