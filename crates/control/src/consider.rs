//! Consider: what somebody who might decide a request has to see. It decides and records nothing.

use std::collections::BTreeMap;

use locum_domain::{Case, Refusal, Request};

use crate::caller::Caller;
use crate::control::Control;

/// A request as its reader stands to it now.
#[derive(Debug, Clone)]
pub struct Considered {
    /// The steps the caller may decide, each with the rules that say so, or why they may decide none.
    pub may_decide: Result<BTreeMap<usize, Vec<String>>, Refusal>,
    /// The case as its system attests it now, or why it could not be looked up.
    pub case: Result<Case, Refusal>,
    /// Whether every approval so far still counts: a key that was taken out of use meanwhile takes its approval along.
    pub still_approved: Result<(), Refusal>,
}

/// Asks policy and the case system, as deciding would.
///
/// # Errors
/// `clock-untrusted`.
pub async fn consider(
    control: &Control,
    caller: &Caller,
    request: &Request,
) -> Result<Considered, Refusal> {
    let at = control.now()?;
    let in_force = control.in_force();
    let may_decide = in_force.policies.may_decide(
        &control.catalog_for(caller),
        request,
        &caller.principal,
        control.circumstances(at),
    );
    let case = control.look_up_case(&request.case.reference, at).await;
    let still_approved = control.approvals_still_signed(request).await.map(drop);
    Ok(Considered {
        may_decide,
        case,
        still_approved,
    })
}
