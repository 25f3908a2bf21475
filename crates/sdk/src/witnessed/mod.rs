//! No session that only its issuer vouches for.

mod entry;
mod proof;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::lock;
use jiff::{SignedDuration, Timestamp};
use locum_tlog::{Checkpoint, TrustPolicy};

use crate::impersonation::Impersonation;

/// What a read of the ledger answers; `None` when it failed.
pub type ReadFuture<'a> = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + 'a>>;

/// Some time that passes.
pub type PauseFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Locum shows a new checkpoint to its witnesses at most twice a second.
const BETWEEN_READS: Duration = Duration::from_millis(500);

/// A witness has a second to answer, and a checkpoint may just miss a round.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// Sessions whose place was proved; beyond this all are forgotten and proved anew.
const MOST_PROVED: usize = 10_000;

/// How the application reaches the ledger, and its timer. The SDK brings neither an HTTP client
/// nor a runtime.
///
/// Not trusted: whatever it answers is proved against the cosigned checkpoint or refused.
pub trait ReadLedger: Send + Sync {
    /// The answer's body to a GET of `path` below the ledger's address: `checkpoint`,
    /// `tile/0/000.p/12`, `tile/entries/000.p/12`. Brings its own time-out, and its own limit: 16
    /// MiB hold the largest answer there is.
    fn read(&self, path: String) -> ReadFuture<'_>;

    /// Waits for so long.
    fn pause(&self, time: Duration) -> PauseFuture<'_>;
}

/// Demands that a session's activation stands in the ledger under a checkpoint that the
/// application's own witnesses cosigned.
///
/// Whoever steals the key that signs assertions can mint sessions at will; without this an
/// application learns of it when somebody reconciles its log. With it, the minted session must
/// name a place in a ledger that others have seen, and the entry there must be the start of a
/// session of the very access event (`txn`) that the assertion names.
///
/// What it does not see: an assertion minted with the event and place of a session that really
/// began, for another subject or after its end. The accepted log and `locum reconcile` see that.
pub struct Witnessed {
    policy: TrustPolicy,
    reader: Box<dyn ReadLedger>,
    rounds: u32,
    seen: Mutex<Seen>,
    /// Held while the ledger is read: requests that arrive meanwhile wait for what it answers.
    last_read: lock::Mutex<Option<Timestamp>>,
}

/// What was proved so far.
#[derive(Default)]
struct Seen {
    /// The largest that the policy accepted.
    newest: Option<Checkpoint>,
    proved: HashSet<(u64, String)>,
}

/// A trust policy that demands nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefused {
    /// `quorum none`, or no quorum at all.
    #[error("the trust policy asks for no witness")]
    NoWitness,
    /// Positions mean nothing without the one ledger they are in.
    #[error("the trust policy must name the ledger's key, and of one ledger only")]
    NotOneLedger,
}

/// Why a session is not let in yet, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwitnessed {
    /// No checkpoint over the activation was cosigned in time, or there is no such place.
    #[error("no witnessed checkpoint reaches to the session's activation")]
    NotYet,
    /// The ledger could not be read, or what it answered proves nothing.
    #[error("the ledger does not show the session's activation")]
    NotShown,
    /// The witnessed entry at the activation is of something else.
    #[error("the witnessed entry is not the start of this session")]
    SomethingElse,
}

impl Unwitnessed {
    /// Whether it may be otherwise in a moment.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::SomethingElse)
    }
}

impl Witnessed {
    /// Trusts the ledger and the witnesses of a C2SP tlog-policy: the keys come from the witnesses
    /// themselves, not from Locum's operator.
    ///
    /// # Errors
    /// [`PolicyRefused`] when the policy demands no witness or is not of one ledger.
    pub fn new(
        policy: TrustPolicy,
        reader: impl ReadLedger + 'static,
    ) -> Result<Self, PolicyRefused> {
        if policy.is_without_witnesses() {
            return Err(PolicyRefused::NoWitness);
        }
        let origins: HashSet<&str> = policy.logs().iter().map(|key| key.name()).collect();
        if origins.len() != 1 {
            return Err(PolicyRefused::NotOneLedger);
        }
        Ok(Self {
            policy,
            reader: Box::new(reader),
            rounds: rounds(USUAL_WAIT),
            seen: Mutex::default(),
            last_read: lock::Mutex::new(None),
        })
    }

    /// The same, waiting another time than five seconds for the cosignatures; zero answers at
    /// once. It ends in 503 with `Retry-After`, never in letting somebody in.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.rounds = rounds(wait);
        self
    }

    /// Whether the session that an assertion is of stands on the witnessed record.
    ///
    /// # Errors
    /// [`Unwitnessed`] when that is not shown, after the wait where it may yet be.
    pub async fn check(
        &self,
        it: &Impersonation,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<(), Unwitnessed> {
        let mut rounds_left = self.rounds;
        loop {
            let unwitnessed = match self.attempt(it, clock).await {
                Ok(()) => return Ok(()),
                Err(unwitnessed) => unwitnessed,
            };
            if !unwitnessed.may_pass() || rounds_left == 0 {
                return Err(unwitnessed);
            }
            rounds_left -= 1;
            self.reader.pause(BETWEEN_READS).await;
        }
    }

    async fn attempt(
        &self,
        it: &Impersonation,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<(), Unwitnessed> {
        let place = (it.activation, it.access_event.clone());
        if self.seen().proved.contains(&place) {
            return Ok(());
        }
        let checkpoint = self.checkpoint_over(it.activation, clock).await?;
        let entry = proof::entry_at(&*self.reader, &checkpoint, it.activation)
            .await
            .ok_or(Unwitnessed::NotShown)?;
        if !entry::starts_a_session_of(&entry, &it.access_event) {
            return Err(Unwitnessed::SomethingElse);
        }
        let mut seen = self.seen();
        if seen.proved.len() >= MOST_PROVED {
            seen.proved.clear();
        }
        seen.proved.insert(place);
        Ok(())
    }

    /// A checkpoint that the policy accepts and that reaches to this place.
    async fn checkpoint_over(
        &self,
        position: u64,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<Checkpoint, Unwitnessed> {
        let reaching = || {
            let newest = self.seen().newest.clone();
            newest.filter(|checkpoint| checkpoint.size() > position)
        };
        if let Some(checkpoint) = reaching() {
            return Ok(checkpoint);
        }
        let mut last_read = self.last_read.lock().await;
        if let Some(checkpoint) = reaching() {
            return Ok(checkpoint);
        }
        // Whoever names places beyond the end causes no more reads than anybody else.
        let now = clock();
        let is_recent = |last: &Timestamp| {
            now.duration_since(*last).abs()
                < SignedDuration::try_from(BETWEEN_READS).unwrap_or_default()
        };
        if last_read.as_ref().is_some_and(is_recent) {
            return Err(Unwitnessed::NotYet);
        }
        *last_read = Some(now);
        let note = self.reader.read("checkpoint".to_owned()).await;
        let note = note.ok_or(Unwitnessed::NotShown)?;
        let trusted = self.policy.verify(note, None);
        let checkpoint = trusted.map_err(|_| Unwitnessed::NotYet)?.checkpoint;
        let mut seen = self.seen();
        // A ledger only grows; an older checkpoint takes nothing back.
        let is_news = |newest: &Checkpoint| newest.size() < checkpoint.size();
        if seen.newest.as_ref().is_none_or(is_news) {
            seen.newest = Some(checkpoint);
        }
        drop(seen);
        reaching().ok_or(Unwitnessed::NotYet)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rounds(wait: Duration) -> u32 {
    let rounds = wait.as_millis() / BETWEEN_READS.as_millis();
    u32::try_from(rounds).unwrap_or(u32::MAX)
}

impl fmt::Debug for Witnessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witnessed")
            .field("policy", &self.policy)
            .field("rounds", &self.rounds)
            .finish_non_exhaustive()
    }
}
