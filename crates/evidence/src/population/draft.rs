//! A population in the making: the first time that everything is read, for digests and for what is told.
//!
//! Whoever makes one feeds the entry bundles from some way before the period on, then the pack of every filing, then
//! the tiles; [`Draft::plan`] says what the archive holds, and [`Plan`] writes it while everything is read again.
//! Nothing that grows with the number of events is held but a line for each.

use std::collections::BTreeMap;
use std::io::Cursor;

use jiff::Timestamp;
use locum_record::{CanonicalError, Entry};
use locum_tlog::{
    Checkpoint, CheckpointError, FULL_WIDTH, Hash, TilePath, VerifierKey, decode_bundle, leaf_hash,
    partial_width, verify_checkpoint,
};

use super::files;
use super::index::index;
use super::period::{Only, Period};
use super::plan::{Plan, Wanted};
use super::range::{Filing, Range, RangeFault};
use super::told::{EventTold, PopulationTold};
use crate::pack::{CHECKPOINT, FORMAT, KEY, digest, needed, open, part_name};
use crate::story::AccessEvent;
use crate::verify::{Held, VerifyFailure, failure};

/// Bytes of an archive beside its files' names and contents, for each file and for the end; what a plain zip holds.
const FOR_EACH: u64 = 30 + 46;
const FOR_THE_END: u64 = 22;
const MOST_BYTES: u64 = u32::MAX as u64 - 1;
const MOST_FILES: usize = 0xfffe;
/// Bytes left for the manifest, the index and the list, for each event.
const OF_AN_EVENT: u64 = 4_096;

/// Why there is no such population.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("the checkpoint does not verify")]
    Checkpoint(#[from] CheckpointError),
    #[error("bundle {0} of the ledger's entries does not have its form")]
    Bundle(u64),
    #[error(transparent)]
    Range(#[from] RangeFault),
    #[error("the pack of event {event} does not stand under the population's checkpoint")]
    Pack {
        event: locum_domain::EventId,
        #[source]
        failure: Box<VerifyFailure>,
    },
    #[error("the pack of event {0} does not tell all of it")]
    Short(locum_domain::EventId),
    /// More than one archive can hold.
    #[error(
        "{events} access events and the ledger's entries between them are more than one file can hold"
    )]
    TooLarge {
        events: usize,
        /// Just before which the period can end so that one file holds it.
        fits_until: Timestamp,
    },
    /// Something was read otherwise the second time.
    #[error("`{0}` changed while it was exported")]
    Changed(String),
    #[error("a file has no canonical form")]
    Canonical(#[from] CanonicalError),
    #[error(transparent)]
    Archive(#[from] crate::archive::ArchiveError),
}

/// A file of the archive: its digest and its length.
pub(super) struct Known {
    pub(super) wanted: Wanted,
    pub(super) digest: Hash,
}

/// A population of which not everything was read yet.
pub struct Draft {
    key: VerifierKey,
    note: String,
    checkpoint: Checkpoint,
    period: Period,
    only: Only,
    range: Range,
    files: BTreeMap<String, Known>,
    bytes: u64,
    /// The first filing whose pack does not fit any more.
    fits_until: Option<Timestamp>,
    events: Vec<EventTold>,
}

impl Draft {
    /// A population under this checkpoint, from this bundle on.
    ///
    /// # Errors
    /// [`DraftError::Checkpoint`] when the checkpoint is not by the key.
    pub fn new(
        key: VerifierKey,
        note: String,
        period: Period,
        only: Only,
        bundle: u64,
    ) -> Result<Self, DraftError> {
        let checkpoint = verify_checkpoint(&note, &key)?;
        Ok(Self {
            key,
            note,
            checkpoint,
            period,
            only,
            range: Range::of(period, bundle.saturating_mul(u64::from(FULL_WIDTH))),
            files: BTreeMap::new(),
            bytes: FOR_THE_END,
            fits_until: None,
            events: Vec::new(),
        })
    }

    /// Just behind the last entry heard.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.range.end
    }

    /// The bundle that comes next; none at the end of the ledger.
    #[must_use]
    pub fn next_bundle(&self) -> Option<TilePath> {
        let (end, size) = (self.range.end, self.checkpoint.size());
        if end >= size {
            return None;
        }
        let index = end / u64::from(FULL_WIDTH);
        let width = partial_width(size, 0, index);
        Some(TilePath::Entries { index, width })
    }

    /// Hears the next bundle, as the log serves it.
    ///
    /// # Errors
    /// [`DraftError`] when it is not the next, or shows a filing where none may stand.
    pub fn bundle(&mut self, bytes: &[u8]) -> Result<(), DraftError> {
        let index = self.range.end / u64::from(FULL_WIDTH);
        let form = || DraftError::Bundle(index);
        let path = self.next_bundle().ok_or_else(form)?;
        let leaves = decode_bundle(bytes).map_err(|_| form())?;
        if leaves.len() != usize::from(partial_width(self.checkpoint.size(), 0, index)) {
            return Err(form());
        }
        for leaf in leaves {
            let entry = Entry::parse(leaf).map_err(|_| form())?;
            self.range.hear(&entry, leaf_hash(leaf))?;
        }
        self.file(part_name(path), Wanted::Part(path), bytes);
        Ok(())
    }

    /// Whether no filing of the period can stand before what was heard.
    #[must_use]
    pub const fn begins_early_enough(&self) -> bool {
        self.range.begins_early_enough()
    }

    /// Whether no filing of the period can stand behind what was heard.
    #[must_use]
    pub fn ends_late_enough(&self) -> bool {
        self.range.ends_late_enough(self.checkpoint.size())
    }

    /// The filings of the period that were heard.
    #[must_use]
    pub fn filings(&self) -> &[Filing] {
        self.range.filings()
    }

    /// Hears the pack of a filing, in the order of the filings, and whether it is one of the selection.
    ///
    /// # Errors
    /// [`DraftError::Pack`] when it does not stand under the population's checkpoint.
    pub fn pack(&mut self, filing: &Filing, bytes: &[u8]) -> Result<bool, DraftError> {
        let event = &filing.event;
        let opened = self.opened(bytes).map_err(|failure| DraftError::Pack {
            event: event.clone(),
            failure: Box::new(failure),
        })?;
        let (own_entries, story) = opened;
        if story.id != *event {
            return Err(DraftError::Short(event.clone()));
        }
        if !self.only.asks_for(&story) {
            return Ok(false);
        }
        let told = EventTold::of(filing, own_entries, &story);
        self.file(files::pack(event), Wanted::Pack(event.clone()), bytes);
        self.bytes = self.bytes.saturating_add(OF_AN_EVENT);
        if self.fits_until.is_none() && !self.fits() {
            self.fits_until = Some(filing.at);
        }
        self.events.push(told);
        Ok(true)
    }

    /// How many entries a pack tells that are its event's own, and their story. Its rules are for whoever verifies.
    fn opened(&self, bytes: &[u8]) -> Result<(u64, AccessEvent), VerifyFailure> {
        let mut held = Held::open(Cursor::new(bytes), FORMAT)?;
        let (key, note) = held.key_and_checkpoint()?;
        if key != self.key || note != self.note {
            return Err(VerifyFailure::OtherCheckpoint);
        }
        let opened = open(&mut held, &key, &note).map_err(failure)?;
        let own_entries = opened.whole.counted(&opened.told.story.id)?;
        Ok((own_entries, opened.told.story))
    }

    /// The tiles that belong to the bundles heard, once all are.
    #[must_use]
    pub fn tiles(&self) -> Vec<TilePath> {
        let firsts = (self.range.first..self.range.end).step_by(usize::from(FULL_WIDTH));
        let is_tile = |path: &TilePath| matches!(path, TilePath::Hashes { .. });
        let needed = needed(self.checkpoint.size(), firsts).into_iter();
        needed.filter(is_tile).collect()
    }

    /// Hears one of them.
    pub fn tile(&mut self, path: TilePath, bytes: &[u8]) {
        self.file(part_name(path), Wanted::Part(path), bytes);
    }

    /// What the archive holds.
    ///
    /// # Errors
    /// [`DraftError::TooLarge`], with the shorter period that fits; [`DraftError::Short`] when a pack does not tell
    /// all that the entries show of its event.
    pub fn plan(mut self) -> Result<Plan, DraftError> {
        for told in &self.events {
            let last = self.range.last_of(&told.event);
            if last.is_some_and(|last| last.nth > told.entries) {
                return Err(DraftError::Short(told.event.clone()));
            }
        }
        if !self.fits() || self.fits_until.is_some() {
            return Err(DraftError::TooLarge {
                events: self.events.len(),
                fits_until: self.fits_until(),
            });
        }
        let told = PopulationTold::of(self.period, &self.only, &self.range, self.events);
        let page = index(&told).into_bytes();
        let told = serde_json::to_vec_pretty(&told).map_err(CanonicalError::from)?;
        let made = [
            (files::TOLD.to_owned(), [told.as_slice(), b"\n"].concat()),
            (files::INDEX.to_owned(), page),
            (CHECKPOINT.to_owned(), self.note.into_bytes()),
            (KEY.to_owned(), format!("{}\n", self.key).into_bytes()),
        ];
        for (name, bytes) in made {
            let known = Known {
                digest: digest(&bytes),
                wanted: Wanted::Made(bytes),
            };
            self.files.insert(name, known);
        }
        Plan::of(self.files)
    }

    fn file(&mut self, name: String, wanted: Wanted, bytes: &[u8]) {
        // The name stands in the file's header, in the directory and in the manifest, beside the digest.
        let beside = FOR_EACH + 3 * name.len() as u64 + 72;
        self.bytes = self.bytes.saturating_add(beside + bytes.len() as u64);
        let known = Known {
            wanted,
            digest: digest(bytes),
        };
        self.files.insert(name, known);
    }

    /// Whether one archive holds all that was heard, the files that are made at the end among it.
    fn fits(&self) -> bool {
        self.bytes < MOST_BYTES - (1 << 20) && self.files.len() < MOST_FILES - 5
    }

    /// Where a period can end that fits: just before the first filing that does not, or halfway.
    fn fits_until(&self) -> Timestamp {
        let (from, to) = (self.period.from(), self.period.to());
        let filing = self.fits_until.filter(|at| *at > from);
        let halfway = from.saturating_add(to.duration_since(from) / 2);
        filing.unwrap_or_else(|| halfway.unwrap_or(to))
    }
}
