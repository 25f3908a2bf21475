//! Offer: a narrower or shorter version, which its maker would approve and the requester may take.

use std::collections::BTreeMap;

use locum_domain::facts::Decision;
use locum_domain::request::Offering;
use locum_domain::scope::Scope;
use locum_domain::{Minutes, Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::in_person::may_decide_here;

/// What is offered; what is left out stays as asked.
#[derive(Debug, Clone, Default)]
pub struct OfferTerms {
    pub scope: Option<Scope>,
    pub duration: Option<Minutes>,
    pub note: String,
}

/// Offers a narrower version.
///
/// # Errors
/// As for an approval, and `malformed` for what is not narrower.
pub async fn offer(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    terms: &OfferTerms,
) -> Result<Request, Refusal> {
    control
        .attempt(
            caller,
            "offer",
            &Stream::Request(id.clone()),
            |at| async move {
                let deciding = control.deciding(caller, id, at).await?;
                let request = &deciding.request;
                let event = request.offer(Offering {
                    by: caller.principal.clone(),
                    at,
                    note: terms.note.clone(),
                    scope: terms.scope.clone().unwrap_or_else(|| request.scope.clone()),
                    duration: terms.duration.unwrap_or(request.duration),
                    permitted: deciding.permitted.clone(),
                })?;
                is_no_approval_by_device(caller, request, &deciding.permitted)?;
                let (case, case_unchanged) = control
                    .case_still_justifies(&deciding.in_force, request, at)
                    .await?;
                let mut proposal = deciding.proposal(event, at);
                proposal.guards.push(case_unchanged);
                control
                    .on_record(
                        caller,
                        Decision::Offer,
                        &deciding,
                        Some(&case),
                        proposal,
                        at,
                    )
                    .await
            },
        )
        .await?;
    control.request_named(id).await
}

/// An offer that stands for its maker's approval comes from no device that was let in.
fn is_no_approval_by_device(
    caller: &Caller,
    request: &Request,
    permitted: &BTreeMap<usize, Vec<String>>,
) -> Result<(), Refusal> {
    let indexes = permitted.keys().copied().collect();
    let route = &request.route;
    let step = route.step_for(&caller.principal, &indexes);
    let is_approval = step.is_some_and(|step| route.offer_approves(step));
    if is_approval {
        may_decide_here(caller, route.strictest, false)?;
    }
    Ok(())
}
