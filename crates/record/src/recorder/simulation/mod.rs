//! The order of a crash, played through: journal, sync, acknowledge, then sequence, tile, checkpoint.
//!
//! A run is one seed: a few lives of a machine, each with records coming in, a writer that makes them durable, a
//! sequencer that gives them their places, and a disk that fails at any of its operations before, halfway through or
//! after. A life ends orderly, by a kill or by a power cut; the next one begins with the same code that the server
//! begins with. The writer's thread is played by the run, turn by turn, so that a seed always tells the same story.
//!
//! `crates/testkit/tests/crash_order/` plays the same disk under the real sequencer and the real store.
//!
//! `LOCUM_LONG=1` plays the long form, `LOCUM_SEED` one seed alone.

mod books;
mod chance;
mod fragile;

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

use super::disk as seam;
use super::queue::Work;
use super::shared::Shared;
use super::writer::Writer;
use super::{RecorderOptions, RecorderUnavailable, Recovered, take_up};
use books::Books;
use chance::Chance;
use fragile::{End, Fragile, Odds, Tally};

const RUNS: u64 = 500;
const RUNS_LONG: u64 = 20_000;
const MOST_LIVES: usize = 6;
const MOST_STEPS: usize = 40;

type Told = Pin<Box<dyn Future<Output = Result<(), RecorderUnavailable>> + Send>>;

/// One seed's story.
struct Run {
    chance: Chance,
    disk: Fragile,
    options: RecorderOptions,
    books: Books,
    offered: u32,
    /// Does this machine's kernel drop clean pages when it is told to?
    drops_cache: bool,
    findings: usize,
    /// The store forgets how far it sequenced.
    forgets_mark: bool,
}

/// One life of the machine.
struct Life {
    shared: Arc<Shared>,
    writer: Writer<Fragile>,
    waiting: Vec<(u32, Told)>,
    /// A commit's answer was lost: the sequencer asks the store before it goes on.
    is_behind: bool,
}

/// The record's bytes: its number, and as much more as its number says.
fn record(number: u32) -> Vec<u8> {
    let more = Chance::new(u64::from(number)).below(400);
    let mut bytes = format!("{number:06}").into_bytes();
    bytes.resize(6 + more, b'.');
    bytes
}

impl Run {
    fn new(seed: u64, folder: &Path, drops_cache: bool) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            disk: Fragile::new(folder, seed ^ 0x5EED),
            options: RecorderOptions {
                segment_bytes: 512 * (1 + u64::try_from(chance.below(8)).unwrap()),
                unsequenced_bytes_limit: 1_000 + chance.below(20_000),
                reopen_interval: Duration::ZERO,
            },
            chance,
            books: Books::default(),
            offered: 0,
            drops_cache,
            findings: 0,
            forgets_mark: false,
        }
    }

    fn play(&mut self, folder: &Path) -> Result<(), String> {
        for _ in 0..=self.chance.below(MOST_LIVES) {
            let odds = self.odds();
            self.disk.set_odds(odds);
            let mut life = self.begin(folder)?;
            for _ in 0..self.chance.below(MOST_STEPS) {
                self.step(&mut life)?;
                if self.disk.is_down() {
                    break;
                }
            }
            let end = self.end(life);
            self.disk.come_up(end, self.drops_cache);
        }
        self.disk.set_odds(Odds::default());
        let mut life = self.begin(folder)?;
        while !life.shared.peek(1).is_empty() {
            self.sequence(&mut life, 1_000)?;
        }
        self.books.check(&[])?;
        self.books.check_published(record)?;
        match self.disk.retried() {
            0 => Ok(()),
            times => Err(format!(
                "a file that had failed was asked again {times} times"
            )),
        }
    }

    fn odds(&mut self) -> Odds {
        Odds {
            fault: *[0, 20, 100, 400].get(self.chance.below(4)).unwrap(),
            down: *[0, 100, 500].get(self.chance.below(3)).unwrap(),
        }
    }

    /// Recovery, by the code that a server starts with.
    fn begin(&mut self, folder: &Path) -> Result<Life, String> {
        let after = self.books.mark.filter(|_| !self.forgets_mark);
        let (writer, shared, recovered) = take_up(self.disk.clone(), folder, after, self.options)
            .map_err(|error| error.to_string())?;
        self.judge(&recovered)?;
        self.books.check(&shared.peek(usize::MAX))?;
        Ok(Life {
            shared,
            writer,
            waiting: Vec::new(),
            is_behind: false,
        })
    }

    /// Nothing that was acknowledged is lost here, so nothing may be told of as lost, unless the kernel showed
    /// records that were on no disk.
    fn judge(&mut self, recovered: &Recovered) -> Result<(), String> {
        let finding = recovered.torn.iter().find(|torn| torn.is_finding());
        match finding {
            Some(torn) if self.drops_cache => Err(format!("a false alarm: {torn}")),
            Some(_) => {
                self.findings += 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn step(&mut self, life: &mut Life) -> Result<(), String> {
        match self.chance.below(10) {
            0..4 => self.offer(life),
            4..7 => self.turn(life),
            7..9 => {
                let most = 1 + self.chance.below(12);
                self.sequence(life, most)?;
            }
            _ => {
                let _knocked = life.shared.is_available();
            }
        }
        self.hear(life);
        self.books.check(&life.shared.peek(usize::MAX))
    }

    /// Some records come in at once; for some of them nobody waits.
    fn offer(&mut self, life: &mut Life) {
        for _ in 0..=self.chance.below(6) {
            let number = self.offered;
            let bytes = Bytes::from(record(number));
            if self.chance.happens(300) {
                let _refused_when_full = life.shared.queue_unawaited(bytes);
            } else {
                let queued = life.shared.queue_awaited(bytes);
                let told: Told = Box::pin(async move { queued?.wait().await });
                life.waiting.push((number, told));
            }
            self.offered += 1;
        }
    }

    fn turn(&mut self, life: &mut Life) {
        for _ in 0..=self.chance.below(3) {
            if let Some(work) = life.shared.work() {
                life.writer.turn(work);
            }
        }
    }

    /// Listens for what became of the records.
    fn hear(&mut self, life: &mut Life) {
        let mut context = Context::from_waker(Waker::noop());
        life.waiting
            .retain_mut(|(number, told)| match told.as_mut().poll(&mut context) {
                Poll::Pending => true,
                Poll::Ready(outcome) => {
                    if outcome.is_ok() {
                        self.books.acknowledged.insert(*number);
                    }
                    false
                }
            });
    }

    /// As `control`'s sequencer does it: peek, commit, advance; after a lost answer ask the store first.
    fn sequence(&mut self, life: &mut Life, most: usize) -> Result<(), String> {
        if std::mem::take(&mut life.is_behind)
            && let Some(mark) = self.books.mark
        {
            life.shared.advance(mark);
        }
        let records = life.shared.peek(most);
        let Some(last) = records.last().map(|record| record.mark) else {
            return Ok(());
        };
        match self.chance.below(8) {
            // The store refuses: nothing happened.
            0 => Ok(()),
            // It committed, and the answer was lost.
            1 => {
                life.is_behind = true;
                self.books.commit(&records)
            }
            // It committed, and the process went before the recorder heard of it.
            2 => {
                self.disk.go_down();
                life.is_behind = true;
                self.books.commit(&records)
            }
            _ => {
                self.books.commit(&records)?;
                life.shared.advance(last);
                Ok(())
            }
        }
    }

    /// How this life ends: in a third of the cases orderly, with everything written that can be.
    fn end(&mut self, mut life: Life) -> End {
        let is_orderly = !self.disk.is_down() && self.chance.happens(333);
        if is_orderly {
            life.shared.stop();
            while let Some(work) = life.shared.work() {
                let is_last = matches!(work, Work::Stop);
                life.writer.turn(work);
                if is_last {
                    break;
                }
            }
            life.shared.writer_ended();
        }
        self.hear(&mut life);
        match is_orderly || self.chance.happens(500) {
            true => End::Kill,
            false => End::PowerCut,
        }
    }
}

/// Memory, where the machine has some to give: a run makes and removes a few files.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// Plays a seed; what went wrong, and what happened on the way.
fn play(seed: u64, drops_cache: bool) -> (Result<(), String>, Tally, usize, u32) {
    let folder = folder();
    let mut run = Run::new(seed, folder.path(), drops_cache);
    let outcome = run.play(folder.path());
    (outcome, run.disk.tally(), run.findings, run.offered)
}

fn seeds() -> Vec<u64> {
    if let Ok(seed) = std::env::var("LOCUM_SEED") {
        return vec![seed.parse().unwrap()];
    }
    let is_long = std::env::var_os("LOCUM_LONG").is_some();
    (0..if is_long { RUNS_LONG } else { RUNS }).collect()
}

fn play_all(drops_cache: bool) -> usize {
    let mut all = Tally::default();
    let (mut findings, mut records) = (0, 0);
    for seed in seeds() {
        let (outcome, tally, found, offered) = play(seed, drops_cache);
        if let Err(fault) = outcome {
            panic!("LOCUM_SEED={seed}: {fault}");
        }
        all.writes += tally.writes;
        all.syncs += tally.syncs;
        all.segments += tally.segments;
        all.faults += tally.faults;
        all.kills += tally.kills;
        all.power_cuts += tally.power_cuts;
        findings += found;
        records += offered;
    }
    println!(
        "{} runs, {records} records, {findings} false alarms: {all:?}",
        seeds().len()
    );
    findings
}

#[test]
fn r22_no_crash_loses_what_was_acknowledged_or_gives_it_two_places() {
    play_all(true);
}

#[test]
fn r22_nor_does_one_on_a_kernel_that_shows_what_no_disk_holds() {
    play_all(false);
}

/// How many of a hundred seeds notice a fault that was planted.
fn noticed(plant: impl Fn(&mut Run)) -> usize {
    let is_noticed = |seed: &u64| {
        let folder = folder();
        let mut run = Run::new(*seed, folder.path(), true);
        plant(&mut run);
        run.play(folder.path()).is_err()
    };
    (0..100).filter(is_noticed).count()
}

#[test]
fn a_run_notices_what_it_is_there_to_notice() {
    let lying = noticed(|run| run.disk.lie());
    let forgetful = noticed(|run| run.forgets_mark = true);
    println!("of 100 seeds, {lying} notice a disk that lies, {forgetful} a store that forgets");
    assert!(lying > 30, "a disk that says it synced and did not");
    assert!(forgetful > 30, "a store that forgets how far it sequenced");
}

#[test]
fn a_seed_always_tells_the_same_story() {
    for seed in [3, 77, 1_234] {
        let (first, second) = (play(seed, true), play(seed, true));
        assert_eq!((first.1, first.3), (second.1, second.3));
    }
}
