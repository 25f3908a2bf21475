//! Ask: an approver's question, which the requester answers on the card.

use locum_domain::{Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;

/// Puts a question to the requester. The deadline does not move.
///
/// # Errors
/// As for an approval, and `reason-missing`.
pub async fn ask(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    question: &str,
) -> Result<Request, Refusal> {
    control
        .attempt(
            caller,
            "ask",
            &Stream::Request(id.clone()),
            |at| async move {
                let deciding = control.deciding(caller, id, at).await?;
                let event =
                    deciding
                        .request
                        .ask(&caller.principal, question, &deciding.permitted, at)?;
                Ok(deciding.proposal(event, at))
            },
        )
        .await?;
    control.request_named(id).await
}
