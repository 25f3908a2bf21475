//! Deny a change, or take one's own back.

use std::sync::{Mutex, PoisonError};

use locum_domain::{Catalog, Change, ChangeId, Denial, Event, Refusal, Stream, Timestamp};

use super::seen::ChangeSeen;
use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Proposal;

/// Says no to it, as somebody whose authority it concerns.
///
/// # Errors
/// `not-found`, `not-an-approver`, `second-person-required` for whoever proposed it by whatever account,
/// `reason-missing`, `malformed`, `already-decided`; each is on the record.
pub async fn deny_change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
    reason: &str,
) -> Result<ChangeSeen, Refusal> {
    refuse(control, caller, id, "deny-change", |catalog, change, at| {
        if !control.has_a_say(caller, change) {
            let detail = "whoever could confirm a change denies it";
            return Err(Denial::NotAnApprover.because(detail));
        }
        change.deny(catalog, &caller.principal, reason, at)
    })
    .await
}

/// Takes it back, as whoever proposed it, by whatever account.
///
/// # Errors
/// `not-found`, `not-an-approver`, `already-decided`; each is on the record.
pub async fn withdraw_change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
) -> Result<ChangeSeen, Refusal> {
    refuse(
        control,
        caller,
        id,
        "withdraw-change",
        |catalog, change, at| change.withdraw(catalog, &caller.principal, at),
    )
    .await
}

async fn refuse(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
    act: &'static str,
    decide: impl Fn(&Catalog, &Change, Timestamp) -> Result<Event, Refusal> + Sync,
) -> Result<ChangeSeen, Refusal> {
    let (stream, decide) = (&Stream::Change(id.clone()), &decide);
    let shown = &Mutex::new(None);
    let events = control
        .attempt(caller, act, stream, |at| async move {
            let (change, version) = control.visible_change(caller, id).await?;
            control.is_named_person(&caller.principal)?;
            let event = decide(&control.in_force().catalog, &change, at)?;
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    let before = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    control.change_after(caller, before, &events)
}
