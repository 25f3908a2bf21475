//! Judging a change: both versions read, and the difference computed.

use locum_catalog::Bundle;
use locum_domain::Refusal;
use locum_plan::{Plan, Version};

use crate::control::{Control, unavailable};
use crate::governance::InForce;

use super::text;

/// Both versions and what lies between them.
pub(super) struct Judged {
    pub(super) before: Version,
    pub(super) after: Version,
    pub(super) plan: Plan,
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
        let applied = &in_force.applied;
        let recorded = Bundle::recorded(applied.files.clone(), applied.settings.clone());
        let recorded = recorded.map_err(unavailable)?;
        // Policies are compiled, and everybody is asked for everything: other requests must not wait for that.
        let judging = tokio::task::spawn_blocking(move || {
            let after = text::read(&bundle, today)?;
            let before =
                Version::of(&recorded).map_err(|problems| unavailable(problems.join("; ")))?;
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
