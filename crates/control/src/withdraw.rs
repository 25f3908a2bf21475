//! Withdraw: the requester takes back their asking, an approver their approval. A session that stands on it
//! ends in the same commit.

use locum_domain::session::EndedBecause;
use locum_domain::{Refusal, Request, RequestId, RequestState, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Proposal;

/// Withdraws.
///
/// # Errors
/// `not-an-approver` for anybody else, `already-decided` once it is over.
pub async fn withdraw(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
) -> Result<Request, Refusal> {
    let stream = &Stream::Request(id.clone());
    control
        .attempt_to_end(caller, "withdraw", stream, |at| async move {
            let (request, version) = control.visible_request(caller, id).await?;
            let event = request.withdraw(&caller.principal, at)?;
            if let RequestState::Activated { session, .. } = &request.state {
                let because = if request.route.has_approved(&caller.principal) {
                    EndedBecause::ApproverWithdrew
                } else {
                    EndedBecause::EndedByActor
                };
                let by = Some(caller.principal.clone());
                return control.ending(session, because, by, at).await;
            }
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    control.confirm_ended().await;
    control.request_named(id).await
}
