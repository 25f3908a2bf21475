//! Deny: one named person's no, with its reason.

use locum_domain::{Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;

/// Denies the request as a whole.
///
/// # Errors
/// As for an approval, and `reason-missing`.
pub async fn deny(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    reason: &str,
) -> Result<Request, Refusal> {
    control
        .attempt(
            caller,
            "deny",
            &Stream::Request(id.clone()),
            |at| async move {
                let deciding = control.deciding(caller, id, at).await?;
                let event =
                    deciding
                        .request
                        .deny(&caller.principal, reason, &deciding.permitted, at)?;
                Ok(deciding.proposal(event, at))
            },
        )
        .await?;
    control.request_named(id).await
}
