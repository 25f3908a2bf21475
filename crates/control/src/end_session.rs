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
/// `already-decided` once it has ended.
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
    let catalog = &control.in_force().catalog;
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
    pub async fn end_by_itself(
        &self,
        id: &SessionId,
        because: EndedBecause,
    ) -> Result<(), Refusal> {
        for _ in 0..8 {
            let at = self.time_to_end();
            let proposal = match self.ending(id, because, None, at).await {
                Ok(proposal) => proposal,
                Err(refusal) if refusal.denial == Denial::AlreadyDecided => return Ok(()),
                Err(refusal) => return Err(refusal),
            };
            match self.sequencer.commit(proposal).await {
                Ok(_) => {
                    self.confirm_ended().await;
                    return Ok(());
                }
                Err(crate::ledger::SequencerError::Rejected(_)) => {}
                Err(error) => return Err(crate::control::unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }
}
