//! Delegations: authority that an owner lends in writing counts once the owner confirmed it on the record, and for as long
//! as it stands there.
//!
//! What stood in the founding was confirmed by it, and so is what a development server applies by itself. A ledger from
//! before delegations were confirmed has no such entries: what its last application says is confirmed at the next start,
//! for nobody could apply anything but the founding then.

mod confirm;
mod counted;
mod with_change;

use locum_domain::catalog::Delegate;
use locum_domain::{ApplicationId, Refusal, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::sight;

pub use confirm::confirm_delegation;
pub(crate) use counted::{counted, ended_at_start, to_stand_for};

/// A delegation of the recorded files that does not count yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDelegation {
    pub application: ApplicationId,
    pub delegation: Delegate,
}

/// The delegations that wait for their delegator: the caller's own, those of applications that the caller owns, those to
/// the caller, and all for security and auditors.
///
/// # Errors
/// `recorder-unavailable` when an auditor's look cannot be recorded.
pub async fn waiting_delegations(
    control: &Control,
    caller: &Caller,
) -> Result<Vec<WaitingDelegation>, Refusal> {
    let (catalog, who) = (control.catalog_for(caller), &caller.principal);
    let sees_all = sight::sees_every_word(&catalog, who);
    let is_seen = |it: &&WaitingDelegation| {
        sees_all
            || [&it.delegation.by, &it.delegation.person].contains(&who)
            || sight::owns(&catalog, who, &it.application)
    };
    let in_force = control.in_force();
    let seen = in_force.waiting.iter().filter(is_seen).cloned().collect();
    let about = Stream::Principal(who.clone());
    control.looked(caller, &about, "delegations").await?;
    Ok(seen)
}
