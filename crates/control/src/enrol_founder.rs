//! Enrol a founder: one passkey, before anybody's key counts.

use locum_domain::{Authenticator, Denial, Founding, Refusal, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling;
use crate::ports::Proposal;

/// Enrols a founder's passkey, or another one in its place until somebody has signed.
///
/// The registration was verified by whoever calls this.
///
/// # Errors
/// `not-found` without a founding, `not-an-approver` for anybody but a founder, `not-a-named-person` for one who left,
/// `already-decided`, `conflict-of-interest` for a key that is somebody else's, `malformed`; each is on the record.
pub async fn enrol_founder(
    control: &Control,
    caller: &Caller,
    authenticator: &Authenticator,
) -> Result<Founding, Refusal> {
    control
        .attempt(
            caller,
            "enrol-founder",
            &Stream::Founding,
            |at| async move {
                let (founding, version) = control.founding_as_recorded().await?;
                enrolling::for_themselves(control, caller, authenticator)?;
                let event = founding.enrol(authenticator.clone(), at)?;
                enrolling::is_well_formed(control, authenticator)?;
                if !control.founders_are_people(&founding.founders) {
                    let detail = "the founders are one human by two entries of the catalog";
                    return Err(Denial::ConflictOfInterest.because(detail));
                }
                let mut proposal = Proposal::of(&Stream::Founding, version, event, at);
                proposal
                    .guards
                    .extend(enrolling::nobody_else_has(authenticator, "enrolment", &[]));
                Ok(proposal)
            },
        )
        .await?;
    Ok(control.founding_as_recorded().await?.0)
}
