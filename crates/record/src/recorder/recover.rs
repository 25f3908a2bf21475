//! Finding out what is durable when the recorder opens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use bytes::Bytes;

use super::disk::{segment_number, segment_path, sync_directory};
use super::header::Header;
use super::mark::{Mark, Taken};
use super::scan::{Scan, scan};
use super::shared::Condition;
use super::torn::{Torn, TornKind};
use super::writer::Next;

/// What opening found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Durable records after the mark, ready to be sequenced.
    pub records: usize,
    /// Whole records that were refused when they were written; they stay refused.
    pub refused: usize,
    /// Breaks, in order. After a kill a [`TornKind::Tail`] is normal, anything else is a finding.
    pub torn: Vec<Torn>,
}

/// Why the recorder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("the recorder's directory is in use by another process")]
    InUse,
    /// The directory or a segment cannot be read.
    #[error("the recorder's directory cannot be read")]
    Io(#[from] io::Error),
    /// The segment size holds no record, or is beyond 1 GiB.
    #[error("a segment of {0} bytes is too small or too large")]
    SegmentBytes(u64),
    /// The thread cannot be started.
    #[error("the recorder's thread cannot be started")]
    Thread(#[source] io::Error),
}

pub(super) struct Found {
    pub(super) recovered: Recovered,
    pub(super) records: VecDeque<Taken>,
    pub(super) segments: BTreeMap<u64, Condition>,
    pub(super) next: Next,
}

/// Makes the directory if need be, and keeps other processes out until the file is dropped.
pub(super) fn lock(directory: &Path) -> Result<File, OpenError> {
    make(directory)?;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(error)) => Err(OpenError::Io(error)),
    }
}

/// Makes the directory where there is none. Its own name is made durable too, at every opening: a power cut takes a
/// directory that nobody synced with every record in it.
fn make(directory: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing = directory.ancestors().take_while(is_missing).count();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    for made in directory.ancestors().take(missing.max(1)) {
        match made.parent() {
            Some(parent) if parent.as_os_str().is_empty() => sync_directory(Path::new("."))?,
            Some(parent) => sync_directory(parent)?,
            None => {}
        }
    }
    Ok(())
}

/// One segment as it lies on the disk.
struct Segment {
    number: u64,
    header: Header,
    bytes: Bytes,
    scan: Scan,
}

pub(super) fn recover(directory: &Path, after: Option<Mark>) -> Result<Found, OpenError> {
    let mut found = Found {
        recovered: Recovered::default(),
        records: VecDeque::new(),
        segments: BTreeMap::new(),
        next: Next {
            number: 1,
            last: after,
        },
    };
    let mut segments = Vec::new();
    for number in list(directory)? {
        let condition = match read(directory, number)? {
            Some(segment) => {
                segments.push(segment);
                Condition::Sound
            }
            None => {
                found.torn(number, 0, TornKind::Header);
                Condition::Damaged
            }
        };
        found.segments.insert(number, condition);
    }
    found.note_missing(&segments, after);
    for (place, segment) in segments.iter().enumerate() {
        let acknowledged = segments
            .iter()
            .skip(place + 1)
            .map(|later| later.header)
            .find(|later| later.previous == segment.number)
            .map(|later| later.previous_end);
        found.take(segment, acknowledged, after);
    }
    found.recovered.records = found.records.len();
    found
        .recovered
        .torn
        .sort_by_key(|torn| (torn.segment, torn.offset));
    found.next.number = found.next_number(after);
    Ok(found)
}

impl Found {
    fn torn(&mut self, segment: u64, offset: u64, kind: TornKind) {
        self.recovered.torn.push(Torn {
            segment,
            offset,
            kind,
        });
        if kind != TornKind::Tail
            && let Some(condition) = self.segments.get_mut(&segment)
        {
            *condition = Condition::Damaged;
        }
    }

    /// Each segment names the one before it and where that ended. A named one that is gone held
    /// records that are lost, unless the mark covers them all. The mark's own segment is deleted
    /// only after a later one has records; if it is gone, some segment must name this very mark
    /// as its end, or what came after the mark is lost.
    fn note_missing(&mut self, segments: &[Segment], after: Option<Mark>) {
        let ends: Vec<Mark> = segments
            .iter()
            .map(|segment| segment.header.previous_mark())
            .filter(|end| end.segment > 0)
            .collect();
        let mark_alone = after.filter(|after| !ends.contains(after));
        let gone = ends
            .iter()
            .copied()
            .filter(|end| Some(*end) > after)
            .chain(mark_alone)
            .map(|end| end.segment)
            .filter(|number| !self.segments.contains_key(number));
        for number in gone.collect::<BTreeSet<u64>>() {
            self.torn(number, 0, TornKind::Missing);
        }
    }

    /// Takes a segment's records after the mark, as far as they were acknowledged. Nothing says
    /// so of the last segment: there every whole record counts, for somebody may rely on it.
    fn take(&mut self, segment: &Segment, acknowledged: Option<u64>, after: Option<Mark>) {
        let number = segment.number;
        let end = to_u64(segment.scan.end);
        let until = acknowledged
            .unwrap_or(0)
            .max(to_u64(segment.scan.said_durable));
        let made = segment.header.bytes;
        if until > end {
            self.torn(number, end, TornKind::Acknowledged { until });
        } else if acknowledged.is_none() && to_u64(segment.bytes.len()) < made {
            self.torn(number, end, TornKind::Short { made });
        } else if segment.scan.has_rest {
            self.torn(number, end, TornKind::Tail);
        }
        for place in &segment.scan.records {
            let mark = Mark {
                segment: number,
                offset: to_u64(place.end),
            };
            if acknowledged.is_some_and(|acknowledged| mark.offset > acknowledged) {
                self.recovered.refused += 1;
                continue;
            }
            self.next.last = self.next.last.max(Some(mark));
            if Some(mark) > after {
                let bytes = segment.bytes.slice(place.clone());
                self.records.push_back(Taken { mark, bytes });
            }
        }
    }

    /// The number after all that were ever used. A last segment without any record is used
    /// again, its file replaced, or restarts would leave an empty segment each; not so beside
    /// damage, for its header may be what tells of it.
    fn next_number(&self, after: Option<Mark>) -> u64 {
        let used = self.next.last.max(after).map_or(0, |last| last.segment);
        let is_damaged = self.segments.values().any(|of| *of == Condition::Damaged);
        let highest = self.segments.keys().next_back().copied();
        match highest.filter(|_| is_damaged) {
            Some(highest) => used.max(highest) + 1,
            None => used + 1,
        }
    }
}

/// The numbers of all segments, in order; removes files that were never finished.
fn list(directory: &Path) -> Result<Vec<u64>, OpenError> {
    let mut numbers = Vec::new();
    for file in fs::read_dir(directory)? {
        let path = file?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if let Some(number) = segment_number(name) {
            numbers.push(number);
        } else if name.starts_with("segment-") && name.ends_with(".new") {
            fs::remove_file(&path)?;
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Reads and scans a segment; `None` when its header is not its own.
fn read(directory: &Path, number: u64) -> Result<Option<Segment>, OpenError> {
    let bytes = Bytes::from(read_from_disk(&segment_path(directory, number))?);
    let header = Header::decode(&bytes).filter(|header| header.number == number);
    Ok(header.map(|header| Segment {
        number,
        header,
        scan: scan(&bytes, number),
        bytes,
    }))
}

/// What the disk holds, and not what the page cache remembers. What a killed process wrote may be in the cache only,
/// and is made durable before it is believed. What a failed sync left there passes for clean and is on no disk: it is
/// dropped, as far as the kernel follows the advice.
fn read_from_disk(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.sync_data()?;
    // Whatever it answers: there may be no cache to drop.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn to_u64(offset: usize) -> u64 {
    u64::try_from(offset).unwrap_or(u64::MAX)
}
