//! Revoke an authenticator: a lost key signs nothing from this moment on, and no approval that it signed opens anything
//! any more.

use locum_domain::{AuthenticatorId, Denial, PrincipalId, Refusal, Stream};

use crate::ask_enrolment::proposal;
use crate::authenticators::{Authenticators, answers_for};
use crate::caller::Caller;
use crate::control::Control;
use crate::in_person::just_proved;
use crate::sight::{self, SECURITY};

/// Takes an authenticator out of use: one's own, or that of somebody one is manager or security of. It needs no
/// signature and waits for no clock. Another key then goes through the same door as the first, so the last one that
/// could open that door stays until another can.
///
/// # Errors
/// `not-found` for what is not in use or not the caller's to see, `not-an-approver`, `signature-required` for somebody
/// else's without a proof of a moment ago, `no-approver-left` for the last passkey that can let others in,
/// `reason-missing`; each is on the record.
pub async fn revoke_authenticator(
    control: &Control,
    caller: &Caller,
    id: &AuthenticatorId,
    because: &str,
) -> Result<Authenticators, Refusal> {
    let Some(person) = control.sequencer.keys(|keys| keys.person_of(id)) else {
        let about = Stream::Principal(caller.principal.clone());
        let refusal = Denial::NotFound.because("no authenticator has this id");
        return Err(control
            .refused(caller, "revoke-authenticator", &about, refusal)
            .await);
    };
    let person = &person;
    let stream = &Stream::Enrolment(person.clone());
    control
        .attempt_to_end(caller, "revoke-authenticator", stream, |at| async move {
            let catalog = control.catalog_for(caller);
            let by = &caller.principal;
            if by != person {
                if !answers_for(&catalog, &[], by, person) {
                    let detail = "its owner, their manager or security revokes an authenticator";
                    return Err(Denial::NotAnApprover.because(detail));
                }
                just_proved(
                    caller,
                    control.settings().signature_demanded,
                    "revokes nobody else's authenticator",
                )?;
            }
            control.leaves_somebody_to_enrol(id, person).await?;
            let keys = control.authenticators_of(person).await?;
            let event = keys
                .enrolled()
                .revoke(id, keys.founding(), by, because, at)?;
            Ok(proposal(&keys, event, at))
        })
        .await?;
    control.authenticators_of(person).await
}

impl Control {
    /// Whether somebody could still sign enrolments without this key: a founder or security, with a passkey in use.
    async fn leaves_somebody_to_enrol(
        &self,
        id: &AuthenticatorId,
        person: &PrincipalId,
    ) -> Result<(), Refusal> {
        let founders = self.founders().await?;
        let catalog = self.in_force().catalog.clone();
        let lets_in = |who: &PrincipalId| {
            catalog.people.get(who).is_some_and(|it| it.is_active)
                && (founders.contains(who) || sight::has_role(&catalog, who, SECURITY))
        };
        let theirs = self.authenticators_of(person).await?;
        let held = theirs.held(id);
        if !held.is_some_and(|held| held.authenticator.is_passkey()) || !lets_in(person) {
            return Ok(());
        }
        for who in catalog.people.keys().filter(|who| lets_in(who)) {
            let keys = self.authenticators_of(who).await?;
            if keys
                .live_passkeys()
                .any(|held| held.authenticator.id != *id)
            {
                return Ok(());
            }
        }
        let detail = "this is the last passkey that can let others in; have another enrolled first";
        Err(Denial::NoApproverLeft.because(detail))
    }
}
