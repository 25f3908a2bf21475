//! Accept: the requester takes the narrower version that an approver offered.

use locum_domain::{Happened, Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::{Guard, Proposal};

/// Takes the offer with this digest.
///
/// # Errors
/// `not-an-approver` for anybody but requester and actor, `stale-approval`, `already-decided`, `lapsed`.
pub async fn accept_offer(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    scope_digest: &str,
) -> Result<Request, Refusal> {
    let stream = &Stream::Request(id.clone());
    control
        .attempt(caller, "accept", stream, |at| async move {
            let (request, version) = control.visible_request(caller, id).await?;
            let event =
                request.accept(&caller.principal, scope_digest, control.grant_id(at), at)?;
            let guards = vec![Guard::Version {
                stream: stream.clone(),
                version,
            }];
            let events = vec![Happened {
                stream: stream.clone(),
                at,
                event,
            }];
            Ok(Proposal {
                guards,
                events,
                outbox: Vec::new(),
            })
        })
        .await?;
    control.request_named(id).await
}
