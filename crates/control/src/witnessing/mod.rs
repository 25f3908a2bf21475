//! Has the ledger's checkpoints cosigned by witnesses, and knows how each of them stands.
//!
//! Recording never waits for a witness. A checkpoint is *final* when the operator's trust policy accepts it; the
//! final ones are kept, because evidence is the stronger for them. What stops while the ledger is not witnessed is
//! the operator's choice: nothing, or the beginning of sessions.

mod ask;
mod asked_first;
mod beginning;
mod round;
mod standing;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use locum_catalog::settings::{self, WhenUnwitnessed};
use locum_domain::{Denial, Refusal, Timestamp, WitnessStanding};
use locum_tlog::{CosignerKey, TrustPolicy, TrustPolicyError};

use tokio::sync::watch;

use crate::control::Control;
use crate::ports::{StoreError, Witnesses};
pub use asked_first::{AskedFirst, ask_first, recorded_rule};
pub use round::RoundError;
use round::tell;
pub use standing::Standing;
use standing::standings;

/// Not more often than this are witnesses asked.
const PACE: Duration = Duration::from_millis(500);
/// They are asked again after this also when nothing was recorded since.
const AGAIN: Duration = Duration::from_secs(10);
/// As long as three rounds take at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// The operator's rule for witnesses.
#[derive(Debug, Clone)]
pub struct WitnessSettings {
    /// Which witnesses there are, and which of them together make a checkpoint final.
    pub policy: TrustPolicy,
    pub when_unwitnessed: WhenUnwitnessed,
    /// How long nothing need have become final before that.
    pub after: SignedDuration,
}

impl WitnessSettings {
    /// Reads what the operator wrote; where that is nothing, nobody but the operator vouches for the ledger.
    ///
    /// # Errors
    /// When the trust policy does not read.
    pub fn read(witnesses: Option<&settings::Witnesses>) -> Result<Self, TrustPolicyError> {
        let Some(witnesses) = witnesses else {
            return Ok(Self {
                policy: TrustPolicy::without_witnesses(),
                when_unwitnessed: WhenUnwitnessed::Continue,
                after: SignedDuration::ZERO,
            });
        };
        Ok(Self {
            policy: TrustPolicy::parse(&witnesses.policy)?,
            when_unwitnessed: witnesses.when_unwitnessed,
            after: SignedDuration::from_secs(witnesses.unwitnessed_after_seconds.into()),
        })
    }
}

/// What this process knows of its witnesses.
#[derive(Debug, Default)]
pub(crate) struct Witnessing {
    known: Mutex<Known>,
    /// Entries of the newest final checkpoint.
    final_entries: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Known {
    /// Those of this policy.
    policy: Option<TrustPolicy>,
    standings: Vec<Standing>,
    /// The newest checkpoint that was shown to witnesses, with what they signed.
    published: Option<String>,
    final_at: Option<Timestamp>,
}

impl Witnessing {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standings(&self) -> Vec<Standing> {
        self.known().standings.clone()
    }

    /// Turns to the witnesses in force.
    fn follow(&self, policy: &TrustPolicy) {
        let mut known = self.known();
        if known.policy.as_ref() != Some(policy) {
            known.standings = standings(policy);
            known.policy = Some(policy.clone());
        }
    }

    /// Nothing where nobody is asked.
    fn published(&self) -> Option<String> {
        let known = self.known();
        let has_witnesses = !known.standings.is_empty();
        known.published.clone().filter(|_| has_witnesses)
    }

    fn publish(&self, note: String) {
        self.known().published = Some(note);
    }

    fn is_final(&self, entries: u64, at: Timestamp) {
        self.known().final_at = Some(at);
        self.final_entries.send_replace(entries);
    }

    fn hear(&self, key: &CosignerKey, says: WitnessStanding, entries: u64, at: Timestamp) {
        let mut known = self.known();
        if let Some(standing) = known.standings.iter_mut().find(|it| it.key == *key) {
            standing.hear(says, entries, at);
        }
    }
}

impl Control {
    /// Has each new checkpoint cosigned, until the ledger stops.
    pub async fn witness(&self, witnesses: Arc<dyn Witnesses>) {
        let mut size = self.sequencer.size();
        loop {
            size.mark_unchanged();
            if let Err(error) = self.witness_once(&witnesses).await {
                tracing::warn!(%error, "witnesses could not be asked");
            }
            tokio::time::sleep(PACE).await;
            if let Ok(Err(_stopped)) = tokio::time::timeout(AGAIN, size.changed()).await {
                return;
            }
        }
    }

    /// Has the newest checkpoint cosigned.
    ///
    /// # Errors
    /// When the store or the sequencer gives no answer.
    pub async fn witness_once(&self, witnesses: &Arc<dyn Witnesses>) -> Result<(), RoundError> {
        let settings = self.settings();
        self.witnessing.follow(&settings.witnesses.policy);
        if settings.witnesses.policy.witnesses().is_empty() {
            return Ok(());
        }
        round::round(self, witnesses).await
    }

    /// When a checkpoint last became final, by this process's clock.
    pub(crate) fn final_at(&self) -> Option<Timestamp> {
        self.witnessing.known().final_at
    }

    /// How each witness stands, in the policy's order.
    pub fn witnesses(&self) -> Vec<Standing> {
        self.witnessing.standings()
    }

    /// The checkpoint to publish: the newest, with the cosignatures there are. While there are witnesses it is the
    /// one that they were shown last.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn published_checkpoint(&self) -> Result<Option<String>, StoreError> {
        match self.witnessing.published() {
            Some(note) => Ok(Some(note)),
            None => self.store().checkpoint().await,
        }
    }

    /// Waits until a checkpoint over at least so many entries is final, but not for long, and not where there are no
    /// witnesses: what is asked for now is answered now.
    pub(crate) async fn until_final(&self, entries: u64) {
        if self.settings().witnesses.policy.witnesses().is_empty() {
            return;
        }
        let mut newest = self.witnessing.final_entries.subscribe();
        let reached = newest.wait_for(|newest| *newest >= entries);
        if tokio::time::timeout(PATIENCE, reached).await.is_err() {
            tracing::warn!(entries, "no final checkpoint in time");
        }
    }

    /// Refuses to begin where nothing begins while the ledger is not witnessed.
    ///
    /// # Errors
    /// `recorder-unavailable`.
    pub(crate) fn must_be_witnessed(&self) -> Result<(), Refusal> {
        let rule = &self.settings().witnesses;
        if rule.when_unwitnessed == WhenUnwitnessed::Continue {
            return Ok(());
        }
        let final_at = self.witnessing.known().final_at;
        let is_recent =
            final_at.is_some_and(|at| self.time_to_end().duration_since(at) <= rule.after);
        if is_recent {
            return Ok(());
        }
        Err(Denial::RecorderUnavailable
            .because("too few witnesses cosign the ledger, and no session begins without them"))
    }
}
