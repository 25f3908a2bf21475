//! A disk that fails, tears and forgets, and a machine that is killed or loses its power.
//!
//! What the kernel shows and what the platter holds are kept apart: sectors are written to the cache, a sync takes
//! them to the platter, a failed sync leaves any of them behind and passes for done afterwards; names reach the
//! platter when their directory is synced. The folder on the real file system is filled only when the machine comes
//! up again, with what recovery would read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::chance::Chance;
use super::seam::{Disk, SegmentFile, segment_path};

/// Smaller than any real one, so that records tear in more places.
const SECTOR: usize = 64;

/// What an operation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Works,
    /// An error, and nothing was done.
    Fails,
    /// An error, with part of it done.
    FailsHalfway,
    /// An error, with all of it done.
    FailsAfterwards,
}

/// How a life of the machine ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The process goes, the kernel stays with its cache.
    Kill,
    /// Everything goes that is not on the platter.
    PowerCut,
}

#[derive(Debug, Clone)]
struct Inode {
    cache: Vec<u8>,
    platter: Vec<u8>,
    dirty: BTreeSet<usize>,
}

impl Inode {
    fn holding(bytes: Vec<u8>) -> Self {
        Self {
            platter: bytes.clone(),
            cache: bytes,
            dirty: BTreeSet::new(),
        }
    }

    fn write(&mut self, bytes: &[u8], offset: usize) {
        let end = offset + bytes.len();
        self.cache[offset..end].copy_from_slice(bytes);
        self.dirty.extend(offset / SECTOR..end.div_ceil(SECTOR));
    }

    /// Takes one dirty sector to the platter.
    fn persist(&mut self, sector: usize) {
        let end = self.cache.len().min((sector + 1) * SECTOR);
        let place = sector * SECTOR..end;
        self.platter[place.clone()].copy_from_slice(&self.cache[place]);
    }
}

/// How often things go wrong in a life, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Odds {
    pub(super) fault: usize,
    /// Of the faults, those in which the machine goes down at once.
    pub(super) down: usize,
}

/// What happened to it, over all runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) writes: usize,
    pub(super) syncs: usize,
    pub(super) segments: usize,
    pub(super) faults: usize,
    pub(super) kills: usize,
    pub(super) power_cuts: usize,
}

#[derive(Debug)]
struct Machine {
    folder: PathBuf,
    chance: Chance,
    inodes: Vec<Inode>,
    /// Segment to inode, as the kernel shows it and as the platter holds it.
    names: BTreeMap<u64, usize>,
    durable_names: BTreeMap<u64, usize>,
    odds: Odds,
    is_down: bool,
    /// Says that it synced, and keeps everything in the cache.
    lies: bool,
    /// Calls to a file that had failed: there must be none.
    retried: usize,
    tally: Tally,
}

impl Machine {
    fn fate(&mut self) -> Fate {
        if self.is_down {
            return Fate::Fails;
        }
        if !self.chance.happens(self.odds.fault) {
            return Fate::Works;
        }
        self.tally.faults += 1;
        self.is_down = self.chance.happens(self.odds.down);
        match self.chance.below(3) {
            0 => Fate::Fails,
            1 => Fate::FailsHalfway,
            _ => Fate::FailsAfterwards,
        }
    }

    /// Names that were removed since, from the folder where that happens.
    fn notice_removals(&mut self) {
        let folder = &self.folder;
        self.names
            .retain(|number, _| segment_path(folder, *number).exists());
    }

    fn sync_names(&mut self) {
        self.notice_removals();
        self.durable_names = self.names.clone();
    }

    fn come_up(&mut self, end: End, drops_cache: bool) {
        self.notice_removals();
        match end {
            End::Kill => self.tally.kills += 1,
            End::PowerCut => {
                self.tally.power_cuts += 1;
                let numbers: BTreeSet<u64> = self
                    .names
                    .keys()
                    .chain(self.durable_names.keys())
                    .copied()
                    .collect();
                for number in numbers {
                    // A name that was changed and not synced is the old one or the new one.
                    let from = match self.chance.happens(500) {
                        true => self.names.get(&number),
                        false => self.durable_names.get(&number),
                    };
                    match from.copied() {
                        Some(inode) => self.names.insert(number, inode),
                        None => self.names.remove(&number),
                    };
                }
                self.durable_names = self.names.clone();
            }
        }
        for inode in &mut self.inodes {
            for sector in std::mem::take(&mut inode.dirty) {
                // After a kill, recovery syncs what the cache still holds.
                if end == End::Kill || self.chance.happens(500) {
                    inode.persist(sector);
                }
            }
            if end == End::PowerCut || drops_cache {
                inode.cache.clone_from(&inode.platter);
            }
        }
        for file in fs::read_dir(&self.folder).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        for (number, inode) in &self.names {
            let path = segment_path(&self.folder, *number);
            fs::write(path, &self.inodes[*inode].cache).unwrap();
        }
        self.is_down = false;
    }
}

/// A handle to the machine's disk.
#[derive(Debug, Clone)]
pub(super) struct Fragile(Arc<Mutex<Machine>>);

impl Fragile {
    pub(super) fn new(folder: &Path, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            folder: folder.to_owned(),
            chance: Chance::new(seed),
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            odds: Odds::default(),
            is_down: false,
            lies: false,
            retried: 0,
            tally: Tally::default(),
        })))
    }

    pub(super) fn set_odds(&self, odds: Odds) {
        self.0.lock().unwrap().odds = odds;
    }

    pub(super) fn lie(&self) {
        self.0.lock().unwrap().lies = true;
    }

    pub(super) fn is_down(&self) -> bool {
        self.0.lock().unwrap().is_down
    }

    /// Nothing works any more until it comes up.
    pub(super) fn go_down(&self) {
        self.0.lock().unwrap().is_down = true;
    }

    /// Ends this life and fills the folder with what the next one finds. Whether the kernel drops clean pages when
    /// it is told to decides over what a failed sync left in the cache.
    pub(super) fn come_up(&self, end: End, drops_cache: bool) {
        self.0.lock().unwrap().come_up(end, drops_cache);
    }

    pub(super) fn retried(&self) -> usize {
        self.0.lock().unwrap().retried
    }

    pub(super) fn tally(&self) -> Tally {
        self.0.lock().unwrap().tally
    }
}

fn failure() -> io::Error {
    io::Error::other("the disk said no")
}

impl Disk for Fragile {
    fn create(
        &mut self,
        directory: &Path,
        number: u64,
        header: &[u8],
        bytes: u64,
    ) -> io::Result<Box<dyn SegmentFile>> {
        let mut machine = self.0.lock().unwrap();
        let fate = machine.fate();
        if fate == Fate::Fails {
            return Err(failure());
        }
        let mut held = header.to_vec();
        held.resize(usize::try_from(bytes).unwrap(), 0);
        machine.inodes.push(Inode::holding(held));
        let inode = machine.inodes.len() - 1;
        fs::write(segment_path(directory, number), []).unwrap();
        machine.names.insert(number, inode);
        if fate == Fate::FailsHalfway {
            return Err(failure());
        }
        machine.sync_names();
        if fate == Fate::FailsAfterwards {
            return Err(failure());
        }
        machine.tally.segments += 1;
        Ok(Box::new(FragileFile {
            disk: self.clone(),
            inode,
            has_failed: false,
        }))
    }
}

struct FragileFile {
    disk: Fragile,
    inode: usize,
    has_failed: bool,
}

impl FragileFile {
    /// Does something to the file as its fate has it.
    fn act(&mut self, act: impl FnOnce(&mut Machine, usize, Fate)) -> io::Result<()> {
        let mut machine = self.disk.0.lock().unwrap();
        machine.retried += usize::from(self.has_failed);
        let fate = machine.fate();
        if fate != Fate::Fails {
            act(&mut machine, self.inode, fate);
        }
        self.has_failed = fate != Fate::Works;
        if self.has_failed {
            return Err(failure());
        }
        Ok(())
    }
}

impl SegmentFile for FragileFile {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.act(|machine, inode, fate| {
            machine.tally.writes += 1;
            let arrives = match fate {
                Fate::FailsHalfway => machine.chance.below(bytes.len()),
                _ => bytes.len(),
            };
            let offset = usize::try_from(offset).unwrap();
            machine.inodes[inode].write(&bytes[..arrives], offset);
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.act(|machine, inode, fate| {
            machine.tally.syncs += 1;
            if machine.lies {
                return;
            }
            // Whatever it comes to, the kernel takes the pages for clean from now on.
            for sector in std::mem::take(&mut machine.inodes[inode].dirty) {
                if fate != Fate::FailsHalfway || machine.chance.happens(500) {
                    machine.inodes[inode].persist(sector);
                }
            }
        })
    }
}
