//! Deny an enrolment: whoever might have approved it says no, or its person takes it back.

use locum_domain::{EnrolmentId, Refusal, Stream};

use crate::ask_enrolment::proposal;
use crate::caller::Caller;
use crate::control::Control;

/// Denies it, with a reason.
///
/// # Errors
/// `not-found`, `not-an-approver`, `already-decided`, `lapsed`, `reason-missing`; each is on the record.
pub async fn deny_enrolment(
    control: &Control,
    caller: &Caller,
    id: &EnrolmentId,
    reason: &str,
) -> Result<(), Refusal> {
    let person = &control
        .person_of_enrolment(caller, "deny-enrolment", id)
        .await?;
    let stream = &Stream::Enrolment(person.clone());
    control
        .attempt(caller, "deny-enrolment", stream, |at| async move {
            if caller.principal != *person {
                control.may_decide_enrolment(caller, person).await?;
            }
            let keys = control.authenticators_of(person).await?;
            let event = keys.enrolled().deny(id, &caller.principal, reason, at)?;
            Ok(proposal(&keys, event, at))
        })
        .await?;
    Ok(())
}
