//! End: the actor is done, or an owner, approver or security person ends the session for them.

use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Refusal, Session, SessionId, Stream, catalog::Role};

use crate::caller::Caller;
use crate::control::Control;
use crate::sight;

/// Ends a live session. Everything in flight is cut before this answers.
///
/// # Errors
/// `not-found` for what the caller may not see, `not-an-approver` for those who may only look,
/// `already-decided` once it has ended, `recorder-unavailable` when the end is not recorded yet; it is cut all
/// the same.
pub async fn end_session(
    control: &Control,
    caller: &Caller,
    id: &SessionId,
) -> Result<Session, Refusal> {
    control
        .attempt_to_end(
            caller,
            "end",
            &Stream::Session(id.clone()),
            |at| async move {
                let session = control.visible_session(caller, id).await?;
                let because = because(control, caller, &session)?;
                control
                    .ending(id, because, Some(caller.principal.clone()), at)
                    .await
            },
        )
        .await?;
    control.confirm_ended().await;
    control.visible_session(caller, id).await
}

fn because(control: &Control, caller: &Caller, session: &Session) -> Result<EndedBecause, Refusal> {
    let catalog = &control.catalog_for(caller);
    let who = &caller.principal;
    if session.actor == *who || session.requester == *who {
        Ok(EndedBecause::EndedByActor)
    } else if session.approvers.contains(who) {
        Ok(EndedBecause::ApproverWithdrew)
    } else if session
        .applications
        .keys()
        .any(|application| sight::owns(catalog, who, application))
    {
        Ok(EndedBecause::OwnerEnded)
    } else if sight::has_role(catalog, who, &[Role::Security]) {
        Ok(EndedBecause::Stopped)
    } else {
        Err(Denial::NotAnApprover.because("you may look at this session and not end it"))
    }
}

impl Control {
    /// Ends a session for a cause that no person gave: expiry, idleness. Ending what has ended is no error.
    ///
    /// # Errors
    /// `recorder-unavailable` when the end is not recorded yet; it is cut all the same.
    pub async fn end_by_itself(
        &self,
        id: &SessionId,
        because: EndedBecause,
    ) -> Result<(), Refusal> {
        let has_ended = self.end_one(id, because, None).await?;
        if has_ended {
            self.confirm_ended().await;
        }
        Ok(())
    }
}
