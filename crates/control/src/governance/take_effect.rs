//! Putting in force what was applied while the server runs, and judging by it what is live or open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use locum_domain::{Aggregate, Event, Recorded, Refusal, Stream};

use super::InForce;
use crate::control::{Control, unavailable};
use crate::ledger::CommitListener;
use crate::still_allowed::StillAllowed;

impl Control {
    /// Puts in force what the ledger says was applied last, if that is not in force yet, and judges everything that is
    /// live or open by it. Called by whoever applied, and by the jobs in case whoever applied went away.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer; it is tried again then.
    pub(crate) async fn take_effect(&self) -> Result<(), Refusal> {
        if !self.applying.is_stale() {
            return Ok(());
        }
        let mut still_allowed = self.applying.one_at_a_time.lock().await;
        let recorded = self.applying.recorded.load(Ordering::Acquire);
        if !self.applying.is_stale() {
            return Ok(());
        }
        self.put_in_force().await?;
        still_allowed.run(self).await?;
        // Last: whoever is dropped on the way has put nothing in force, and the next one does.
        self.applying.in_force.store(recorded, Ordering::Release);
        Ok(())
    }

    /// The same after a decision that is on the record: it was taken, whatever becomes of this. What cannot be put in
    /// force now, the jobs put in force.
    pub(crate) async fn take_effect_or_leave(&self) {
        if let Err(refusal) = self.take_effect().await {
            tracing::error!(%refusal, "what was applied is on the record and not in force yet; it is tried again");
        }
    }

    /// Judges everything live by what is in force, if anything may have changed since the last time.
    pub(crate) async fn judge_what_is_live(&self) -> Result<(), Refusal> {
        let mut still_allowed = self.applying.one_at_a_time.lock().await;
        still_allowed.run(self).await
    }

    async fn put_in_force(&self) -> Result<(), Refusal> {
        let (state, version) = self.verified_with_version(&Stream::Governance).await?;
        let Some(Aggregate::Governance(governance)) = state else {
            return Err(unavailable("nothing was ever applied"));
        };
        let before = self.in_force();
        let in_force = InForce::of(
            governance.in_force,
            version,
            &self.ports,
            &self.sequencer,
            &before.settings,
            &self.on_disk,
        );
        let in_force = in_force.await.map_err(unavailable)?;
        let catalog = Arc::clone(&in_force.catalog);
        self.in_force.store(Arc::new(in_force));
        if before.version == version {
            return Ok(());
        }
        // Decisions stand on the new version already. What the enforcement point cannot serve, it goes on serving as
        // before, and the sessions that may not go on end all the same.
        if let Err(why) = self.ports.data_plane.install(&catalog) {
            tracing::error!(why, "the enforcement point cannot serve what was applied");
        }
        Ok(())
    }
}

/// How much of what counts was recorded, and how much of it this server counts by.
#[derive(Default)]
pub(crate) struct Applying {
    recorded: AtomicU64,
    in_force: AtomicU64,
    /// Held by whoever puts it in force or judges by it.
    one_at_a_time: tokio::sync::Mutex<StillAllowed>,
}

impl Applying {
    /// Whether something was recorded that is not in force yet, or by which not everything was judged.
    pub(crate) fn is_stale(&self) -> bool {
        self.in_force.load(Ordering::Acquire) != self.recorded.load(Ordering::Acquire)
    }

    /// Everything recorded so far is in force.
    pub(crate) fn all_in_force(&self) {
        let recorded = self.recorded.load(Ordering::Acquire);
        self.in_force.store(recorded, Ordering::Release);
    }
}

impl CommitListener for Applying {
    fn committed(&self, events: &[Recorded]) {
        let is_governance = |event: &Event| {
            matches!(
                event,
                Event::Founded { .. } | Event::Applied { .. } | Event::DelegationConfirmed { .. }
            )
        };
        if events.iter().any(|recorded| is_governance(&recorded.event)) {
            self.recorded.fetch_add(1, Ordering::AcqRel);
        }
    }
}
