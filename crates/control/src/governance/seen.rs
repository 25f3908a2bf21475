//! What is in force, to look at.

use locum_domain::governance::Applied;
use locum_domain::{Refusal, Stream, Timestamp};

use super::Difference;
use crate::caller::Caller;
use crate::control::Control;
use crate::sight::{self, SECURITY};

/// What counts now, as far as the caller may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct GovernanceSeen {
    /// SHA-256 over the digests of files and settings, in hexadecimal: what a change is proposed on.
    pub digest: String,
    /// How often something was applied, the founding included.
    pub version: u64,
    /// Since when it counts.
    pub at: Timestamp,
    /// The rest, for security and auditors.
    pub whole: Option<GovernanceWhole>,
}

/// Who applied it, and every word of it.
#[derive(Debug, Clone, PartialEq)]
pub struct GovernanceWhole {
    pub applied: Applied,
    /// Whether the files that lay on the server's disk at its start differ.
    pub difference: Difference,
}

/// What is in force: its digest for everybody who is signed in, files and settings for security and auditors. An
/// auditor's look is on the record.
///
/// # Errors
/// `recorder-unavailable` when an auditor's look cannot be recorded.
pub async fn governance(control: &Control, caller: &Caller) -> Result<GovernanceSeen, Refusal> {
    let (in_force, catalog) = (control.in_force(), control.catalog_for(caller));
    let who = &caller.principal;
    let sees_whole = sight::sees_all(&catalog, who) || sight::has_role(&catalog, who, SECURITY);
    let about = Stream::Principal(who.clone());
    control.looked(caller, &about, "governance").await?;
    let applied = &in_force.applied;
    Ok(GovernanceSeen {
        digest: applied.digest.clone(),
        version: in_force.version,
        at: applied.at,
        whole: sees_whole.then(|| GovernanceWhole {
            applied: applied.clone(),
            difference: in_force.difference,
        }),
    })
}
