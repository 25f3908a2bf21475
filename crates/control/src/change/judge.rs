//! Judging a change: both versions read, and the difference computed.

use std::collections::BTreeMap;

use locum_catalog::Bundle;
use locum_domain::{PrincipalId, Refusal};
use locum_plan::{Plan, Version};

use crate::control::{Control, unavailable};
use crate::governance::InForce;

use super::party::Parties;
use super::text;

/// Both versions and what lies between them.
pub(super) struct Judged {
    pub(super) before: Version,
    pub(super) after: Version,
    pub(super) plan: Plan,
}

impl Judged {
    /// Whom it concerns as a change that this person proposed.
    pub(super) fn parties<'a>(&'a self, by: &'a PrincipalId) -> Parties<'a> {
        Parties {
            by,
            before: &self.before,
            after: &self.after,
            plan: &self.plan,
        }
    }
}

impl Control {
    /// Reads the bundle, and compares it with what is in force as whoever plans offline does: by the files, also where a
    /// delegation in them still waits for its delegator.
    ///
    /// # Errors
    /// `malformed` with every problem of the bundle.
    pub(super) async fn judged(
        &self,
        in_force: &InForce,
        bundle: Bundle,
        today: jiff::civil::Date,
    ) -> Result<Judged, Refusal> {
        let applied = in_force.applied.clone();
        // Policies are compiled, and everybody is asked for everything: other requests must not wait for that.
        let judging = tokio::task::spawn_blocking(move || {
            let after = text::read(&bundle, today)?;
            let before = recorded(&applied.files, &applied.settings)?;
            let plan = Plan::between(Some(&before), &after, today, &mut |_, _| {});
            Ok(Judged {
                before,
                after,
                plan,
            })
        });
        judging.await.map_err(unavailable)?
    }
}

/// A version as it was recorded, with every delegation that its files write down.
///
/// # Errors
/// `recorder-unavailable` for one that cannot be read any more.
pub(super) fn recorded(
    files: &BTreeMap<String, String>,
    settings: &serde_json::Value,
) -> Result<Version, Refusal> {
    Version::recorded(files, settings).map_err(|problems| unavailable(problems.join("; ")))
}
