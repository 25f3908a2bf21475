//! Answer: the requester's words to an approver's question.

use locum_domain::{Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Proposal;

/// Answers the last open question.
///
/// # Errors
/// `not-an-approver` for anybody but requester and actor, `already-decided`, `lapsed`, `reason-missing`.
pub async fn answer(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    answer: &str,
) -> Result<Request, Refusal> {
    let stream = &Stream::Request(id.clone());
    control
        .attempt(caller, "answer", stream, |at| async move {
            let (request, version) = control.visible_request(caller, id).await?;
            let event = request.answer(&caller.principal, answer, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    control.request_named(id).await
}
