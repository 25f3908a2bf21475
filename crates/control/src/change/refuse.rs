//! Deny a change, or take one's own back.

use locum_domain::{Change, ChangeId, Denial, Event, Refusal, Stream, Timestamp};

use super::seen::ChangeSeen;
use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Proposal;

/// Says no to it, as somebody whose authority it concerns.
///
/// # Errors
/// `not-found`, `not-an-approver`, `second-person-required` for whoever proposed it, `reason-missing`,
/// `already-decided`; each is on the record.
pub async fn deny_change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
    reason: &str,
) -> Result<ChangeSeen, Refusal> {
    refuse(control, caller, id, "deny-change", |change, at| {
        if change.by == caller.principal {
            let detail = "whoever proposed a change takes it back";
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        if !control.has_a_say(caller, change) {
            let detail = "whoever could confirm a change denies it";
            return Err(Denial::NotAnApprover.because(detail));
        }
        change.deny(&caller.principal, reason, at)
    })
    .await
}

/// Takes it back, as whoever proposed it.
///
/// # Errors
/// `not-found`, `not-an-approver`, `already-decided`; each is on the record.
pub async fn withdraw_change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
) -> Result<ChangeSeen, Refusal> {
    refuse(control, caller, id, "withdraw-change", |change, at| {
        change.withdraw(&caller.principal, at)
    })
    .await
}

async fn refuse(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
    act: &'static str,
    decide: impl Fn(&Change, Timestamp) -> Result<Event, Refusal> + Sync,
) -> Result<ChangeSeen, Refusal> {
    let (stream, decide) = (&Stream::Change(id.clone()), &decide);
    control
        .attempt(caller, act, stream, |at| async move {
            let (change, version) = control.visible_change(caller, id).await?;
            control.is_named_person(&caller.principal)?;
            let event = decide(&change, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    control.change_seen(caller, id).await
}
