//! Revoke an authenticator: a lost key signs nothing from this moment on, and no approval that it signed opens anything
//! any more.

use locum_domain::{AuthenticatorId, Denial, Refusal, Stream};

use crate::ask_enrolment::proposal;
use crate::authenticators::{Authenticators, answers_for};
use crate::caller::Caller;
use crate::control::Control;

/// Takes an authenticator out of use: one's own, or that of somebody one is manager or security of. It needs no
/// signature and waits for no clock. Another key then goes through the same door as the first.
///
/// # Errors
/// `not-found` for what is not in use or not the caller's to see, `not-an-approver`, `reason-missing`; each is on the
/// record.
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
            if by != person && !answers_for(&catalog, &[], by, person) {
                let detail = "its owner, their manager or security revokes an authenticator";
                return Err(Denial::NotAnApprover.because(detail));
            }
            let keys = control.authenticators_of(person).await?;
            let event = keys
                .enrolled()
                .revoke(id, keys.founding(), by, because, at)?;
            Ok(proposal(&keys, event, at))
        })
        .await?;
    control.authenticators_of(person).await
}
