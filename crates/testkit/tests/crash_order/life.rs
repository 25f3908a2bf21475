//! The lives of one process, from start to kill.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use locum_control::ledger::{Sequencer, Start};
use locum_control::ports::{
    Clock, ClockUntrusted, Journal, JournalMark, Journaled, Proposal, Store as _,
};
use locum_domain::{Event, Happened, Timestamp};
use locum_record::{Mark, Recorder, RecorderOptions};
use locum_store_sqlite::SqliteStore;
use locum_testkit::house::{FaultyStore, SeededEntropy};
use locum_testkit::store_suite::sample::{admitted, at, session_started, strangers};
use locum_tlog::LedgerKey;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::books::Books;
use super::chance::Chance;
use super::fragile::{End, Fragile, Odds};

const MOST_LIVES: usize = 4;
const MOST_STEPS: usize = 16;

/// What happened over all runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) runs: usize,
    pub(crate) lives: usize,
    pub(crate) acknowledged: usize,
    pub(crate) decided: usize,
    pub(crate) checkpoints: usize,
    pub(crate) faults: usize,
    pub(crate) power_cuts: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.lives += other.lives;
        self.acknowledged += other.acknowledged;
        self.decided += other.decided;
        self.checkpoints += other.checkpoints;
        self.faults += other.faults;
        self.power_cuts += other.power_cuts;
    }
}

/// The recorder as the server hands it to the sequencer.
struct RealJournal(Recorder);

#[async_trait]
impl Journal for RealJournal {
    fn peek(&self, most: usize) -> Vec<Journaled> {
        let taken = self.0.peek(most).into_iter();
        taken
            .map(|record| Journaled {
                mark: JournalMark {
                    segment: record.mark.segment,
                    offset: record.mark.offset,
                },
                bytes: record.bytes.to_vec(),
            })
            .collect()
    }

    fn advance(&self, to: JournalMark) {
        self.0.advance(mark(to));
    }

    async fn wait(&self) {
        self.0.wait().await;
    }

    fn is_available(&self) -> bool {
        self.0.is_available()
    }
}

fn mark(mark: JournalMark) -> Mark {
    Mark {
        segment: mark.segment,
        offset: mark.offset,
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Result<Timestamp, ClockUntrusted> {
        Ok(at(50))
    }

    fn committed(&self, _at: Timestamp) {}
}

struct Run<'f> {
    folder: &'f Path,
    chance: Chance,
    disk: Fragile,
    store: Arc<FaultyStore>,
    key: Arc<LedgerKey>,
    books: Books,
    seed: u64,
    lives: usize,
    offered: u64,
}

/// Plays one seed, on a disk that syncs what it says it synced, or on one that lies.
pub(crate) fn play(seed: u64, folder: &Path, lies: bool) -> (Result<(), String>, Tally) {
    let mut run = Run {
        folder,
        chance: Chance::new(seed),
        disk: Fragile::new(folder, seed ^ 0x5EED),
        store: Arc::new(FaultyStore::new(SqliteStore::in_memory().unwrap(), None)),
        key: Arc::new(LedgerKey::from_seed("ledger.test", &[7; 32]).unwrap()),
        books: Books::default(),
        seed,
        lives: 0,
        offered: 0,
    };
    if lies {
        run.disk.lie();
    }
    let outcome = run.play();
    let disk = run.disk.tally();
    let tally = Tally {
        runs: 1,
        lives: run.lives,
        acknowledged: run.books.acknowledged.len(),
        decided: run.books.decided.len(),
        checkpoints: run.books.checkpoints(),
        faults: disk.faults,
        power_cuts: disk.power_cuts,
    };
    (outcome, tally)
}

impl Run<'_> {
    fn play(&mut self) -> Result<(), String> {
        for _ in 0..=self.chance.below(MOST_LIVES) {
            let odds = Odds {
                fault: [0, 50, 300][self.chance.below(3)],
                down: [0, 300][self.chance.below(2)],
            };
            self.disk.set_odds(odds);
            self.live(true)?;
            let end = match self.chance.happens(500) {
                true => End::Kill,
                false => End::PowerCut,
            };
            self.disk.come_up(end, true);
        }
        self.disk.set_odds(Odds::default());
        self.live(false)?;
        let (store, key) = (&*self.store, &*self.key);
        runtime().block_on(self.books.check(store, key))
    }

    /// One process: everything of it is gone in the end but what lies on the disk and in the store.
    fn live(&mut self, is_eventful: bool) -> Result<(), String> {
        self.lives += 1;
        let runtime = runtime();
        let outcome = runtime.block_on(self.work(is_eventful));
        if is_eventful {
            self.disk.go_down();
        }
        drop(runtime);
        self.store.set_fails_commits(false);
        self.store.set_loses_answers(false);
        // A commit that was under way is done or undone: the store's thread works in order.
        let settled = Runtime::block_on(&self::runtime(), self.store.complete(-1));
        settled.map_err(|error| error.to_string())?;
        outcome
    }

    async fn work(&mut self, is_eventful: bool) -> Result<(), String> {
        let after = self
            .store
            .mark()
            .await
            .map_err(|it| it.to_string())?
            .map(mark);
        let options = RecorderOptions {
            segment_bytes: 8_192,
            unsequenced_bytes_limit: 1 << 20,
            reopen_interval: Duration::ZERO,
        };
        let (recorder, recovered) =
            Recorder::open_on(self.disk.clone(), self.folder, after, options)
                .map_err(|error| error.to_string())?;
        if let Some(torn) = recovered.torn.iter().find(|torn| torn.is_finding()) {
            return Err(format!("a false alarm: {torn}"));
        }
        let journal = Arc::new(RealJournal(recorder));
        let sequencer = Sequencer::start(Start {
            store: Arc::clone(&self.store) as _,
            journal: Arc::clone(&journal) as _,
            key: Arc::clone(&self.key),
            clock: Arc::new(Noon),
            entropy: Arc::new(SeededEntropy::new(self.seed << 8 | self.lives as u64)),
            listeners: Vec::new(),
        })
        .await
        .map_err(|error| error.to_string())?;
        if !journal.0.peek(1).is_empty() {
            return Err("what was durable has no place after the start".to_owned());
        }
        if self.lives == 1 {
            self.decide(&sequencer, session_started(1)).await;
        }
        let steps = if is_eventful {
            self.chance.below(MOST_STEPS)
        } else {
            0
        };
        for _ in 0..steps {
            self.step(&journal, &sequencer).await?;
            if self.disk.is_down() {
                break;
            }
        }
        self.books.see(&*self.store, &self.key).await
    }

    async fn step(
        &mut self,
        journal: &Arc<RealJournal>,
        sequencer: &Sequencer,
    ) -> Result<(), String> {
        match self.chance.below(12) {
            0 => {
                let refuses = self.chance.happens(300);
                self.store.set_fails_commits(refuses);
            }
            1 => {
                let loses = self.chance.happens(300);
                self.store.set_loses_answers(loses);
            }
            2 => self.disk.go_down(),
            3..8 => {
                // While the decision is made, records come in.
                let records = self.offer(journal);
                let count = self.number();
                self.decide(sequencer, strangers(count)).await;
                self.hear(records).await;
            }
            _ => {
                let records = self.offer(journal);
                self.hear(records).await;
            }
        }
        self.books.see(&*self.store, &self.key).await
    }

    fn number(&mut self) -> u64 {
        self.offered += 1;
        self.offered
    }

    /// Some records at once, each with somebody who waits for it.
    fn offer(&mut self, journal: &Arc<RealJournal>) -> JoinSet<Option<String>> {
        let mut waiting = JoinSet::new();
        for _ in 0..=self.chance.below(5) {
            let happened = admitted(1, self.number());
            let durable = journal
                .0
                .append(serde_json::to_vec(&happened).unwrap().into());
            waiting.spawn(async move {
                durable.await.ok()?;
                record_of(&happened)
            });
        }
        waiting
    }

    async fn hear(&mut self, mut waiting: JoinSet<Option<String>>) {
        while let Some(told) = waiting.join_next().await {
            self.books.acknowledged.extend(told.unwrap());
        }
    }

    async fn decide(&mut self, sequencer: &Sequencer, happened: Happened) {
        let count = match &happened.event {
            Event::StrangersRefused { count, .. } => *count,
            _ => 0,
        };
        let proposal = Proposal {
            events: vec![happened],
            ..Proposal::default()
        };
        if let Ok(recorded) = sequencer.commit(proposal).await {
            self.books
                .decided
                .extend(recorded.iter().map(|it| (it.position, count)));
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn record_of(happened: &Happened) -> Option<String> {
    match &happened.event {
        Event::AccessAdmitted(admitted) => Some(admitted.record.to_string()),
        _ => None,
    }
}
