//! Accept: the requester takes the narrower version that an approver offered.

use locum_domain::facts::{Decision, Facts};
use locum_domain::{
    Case, Denial, Happened, Refusal, Request, RequestId, RequestState, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::Control;
use crate::facts::looked_up;
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
            let (case, case_unchanged) = control
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
            let proposal = Proposal {
                guards,
                events,
                outbox: Vec::new(),
            };
            let facts = control.facts_to_accept(&in_force, &request, &case, at)?;
            control.with_facts(proposal, &in_force, id, facts, at).await
        })
        .await?;
    control.request_named(id).await
}

impl Control {
    /// What is read to tell whether the offer's maker may still decide.
    fn facts_to_accept(
        &self,
        in_force: &InForce,
        request: &Request,
        case: &Case,
        at: Timestamp,
    ) -> Result<Facts, Refusal> {
        let RequestState::Offered { offer, .. } = &request.state else {
            return Err(Denial::AlreadyDecided.because("no offer stands"));
        };
        let by = (in_force, &*in_force.catalog);
        Ok(Facts {
            case: looked_up(case, request),
            ..self.facts_to_decide(Decision::Acceptance, by, (request, &offer.by), at)
        })
    }
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
