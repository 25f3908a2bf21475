//! Accept: the requester takes the narrower version that an approver offered.

use locum_domain::{
    Denial, Happened, Refusal, Request, RequestId, RequestState, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::Control;
use crate::governance::InForce;
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
            let grant = control.grant_id(at);
            let event = match request.accept(&caller.principal, scope_digest, grant, at) {
                Ok(event) => event,
                Err(refusal) => return Err(control.why_lapsed(&request, refusal, at).await),
            };
            let in_force = control.in_force();
            maker_still_decides(control, &in_force, &request, at)?;
            let (_, case_unchanged) = control
                .case_still_justifies(&in_force, &request, at)
                .await?;
            let holds = control.not_held_request(&request).await?;
            let mut guards = vec![
                Guard::Version {
                    stream: stream.clone(),
                    version,
                },
                Guard::Version {
                    stream: Stream::Governance,
                    version: in_force.version,
                },
                case_unchanged,
            ];
            guards.extend(holds);
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

/// The offer is its maker's approval, so its maker must still hold the authority it was made with.
fn maker_still_decides(
    control: &Control,
    in_force: &InForce,
    request: &Request,
    at: Timestamp,
) -> Result<(), Refusal> {
    let RequestState::Offered { offer, .. } = &request.state else {
        return Ok(());
    };
    let circumstances = control.circumstances(at);
    let permitted =
        in_force
            .policies
            .may_decide(&in_force.catalog, request, &offer.by, circumstances)?;
    if permitted.contains_key(&offer.step) {
        Ok(())
    } else {
        Err(Denial::StaleApproval.because("whoever made the offer may not decide it any more"))
    }
}
