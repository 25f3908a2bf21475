//! The recorder: append, be durable, only then go on.
//!
//! **Promise.** When [`Recorder::append`] says `Ok`, the record was written and `fdatasync`ed, and
//! every later [`Recorder::open`] of the directory returns it until it is sequenced. When it says
//! anything else, the record may or may not be found later, and nothing may happen because of it.
//!
//! **Order.** Journal, sync, acknowledge; the sequencer then takes what is durable with
//! [`Recorder::peek`], and says with [`Recorder::advance`] what the store has committed. A crash
//! between commit and `advance` is harmless: the store keeps the last [`Mark`] in the same commit,
//! and `open` begins after it. A record that was acknowledged is therefore sequenced by whoever
//! opens next, and none is sequenced twice: `docs/reference/ledger.md` goes through every point at
//! which a process can end.
//!
//! **No timer.** One thread takes whatever is queued when the last sync returned, writes it with
//! one call, syncs once, acknowledges all. A lone record waits for one sync, a thousand share one.
//!
//! **Failure.** After an error a segment is never written, synced or believed again: the kernel
//! may have dropped the pages and would report the next sync as clean. Waiting records are
//! refused and a fresh segment is opened. If that fails too, the door closes: appends are refused
//! at once, and each knocks, so that the door opens again when the disk has room. Whoever opens
//! the directory after such an end reads what the disk holds, not what the page cache remembers.
//!
//! **Sealing.** A segment is never continued by another process, and never after an error. What
//! seals it is the header of the next one, which says where it ended: whatever lies beyond that
//! was refused and stays refused.
//!
//! **Whom we trust.** The directory. Whoever can write it can forge, reorder or drop records that
//! are not sequenced yet (the checksums find accidents, not intent); what is sequenced is covered
//! by signed checkpoints. Files are readable by their owner only, one process at a time may open
//! them, and records lie in them as the caller gave them.

mod disk;
mod frame;
mod header;
mod mark;
mod options;
mod queue;
mod recover;
mod scan;
mod shared;
#[cfg(test)]
mod simulation;
mod torn;
mod unavailable;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;

pub use disk::{Disk, LocalDisk, SegmentFile};
pub use mark::{Mark, Taken};
pub use options::RecorderOptions;
pub use recover::{OpenError, Recovered};
pub use torn::{Torn, TornKind};
pub use unavailable::RecorderUnavailable;

use shared::Shared;
use writer::Writer;

/// The append-only record of one node. See the module for what it promises.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    /// Held until the writer is gone; a kill releases it.
    _lock: File,
}

impl Recorder {
    /// Opens the directory, or makes it, and finds what is durable after the mark.
    ///
    /// A disk without room is no error: the door is closed, and what was found can be sequenced,
    /// which makes room.
    ///
    /// # Errors
    /// [`OpenError`] when another process has the directory open or it cannot be read.
    pub fn open(
        directory: &Path,
        after: Option<Mark>,
        options: RecorderOptions,
    ) -> Result<(Self, Recovered), OpenError> {
        Self::open_on(LocalDisk::default(), directory, after, options)
    }

    /// [`Self::open`] with another way to make and sync segment files: the place for faults.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_on(
        disk: impl Disk,
        directory: &Path,
        after: Option<Mark>,
        options: RecorderOptions,
    ) -> Result<(Self, Recovered), OpenError> {
        options.check()?;
        let lock = recover::lock(directory)?;
        let (writer, shared, recovered) = take_up(disk, directory, after, options)?;
        let recorder = Self {
            writer: Some(writer::spawn(writer)?),
            shared,
            _lock: lock,
        };
        Ok((recorder, recovered))
    }

    /// Queues a record now; the future resolves once it is durable. Dropping the future does not
    /// take the record back.
    ///
    /// # Errors
    /// [`RecorderUnavailable`]: the record is not known to be durable, and nothing may happen
    /// because of it.
    pub fn append(
        &self,
        record: Bytes,
    ) -> impl Future<Output = Result<(), RecorderUnavailable>> + Send + use<> {
        let queued = self.shared.queue_awaited(record);
        async move { queued?.wait().await }
    }

    /// Queues a record that nothing waits for: what already happened. It outlives a failed
    /// segment and a closed door in memory, up to the limit, and is written when a segment opens.
    /// A kill before that loses it.
    ///
    /// # Errors
    /// [`RecorderUnavailable`] when it is too large or too much is queued already.
    pub fn append_unawaited(&self, record: Bytes) -> Result<(), RecorderUnavailable> {
        self.shared.queue_unawaited(record)
    }

    /// Could a record be made durable now? Asking knocks at a closed door, as appending does.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.shared.is_available()
    }

    /// The first durable records that are not sequenced, oldest first, at most `most`. They stay
    /// until [`Self::advance`], so a store commit that failed can be tried again.
    #[must_use]
    pub fn peek(&self, most: usize) -> Vec<Taken> {
        self.shared.peek(most)
    }

    /// Everything up to `mark` is committed in the store: forgets it, and deletes segments that
    /// lie wholly before the mark's. A segment with damage is kept aside as `.damaged`. Touches
    /// the directory once a segment.
    pub fn advance(&self, mark: Mark) {
        self.shared.advance(mark);
    }

    /// Waits until there is something to [`Self::peek`] at. For one sequencer; cancel-safe.
    pub async fn wait(&self) {
        self.shared.wait_durable().await;
    }

    /// Bytes that are queued or durable and not yet sequenced.
    #[must_use]
    pub fn unsequenced_bytes(&self) -> usize {
        self.shared.unsequenced_bytes()
    }
}

/// Reads the directory and makes the writer ready to go on from there.
fn take_up<D: Disk>(
    disk: D,
    directory: &Path,
    after: Option<Mark>,
    options: RecorderOptions,
) -> Result<(Writer<D>, Arc<Shared>, Recovered), OpenError> {
    let found = recover::recover(directory, after)?;
    let shared = Arc::new(Shared::new(
        directory,
        options,
        found.records,
        found.segments,
    ));
    let writer = Writer::open(disk, Arc::clone(&shared), found.next);
    if let Some(after) = after {
        shared.advance(after);
    }
    Ok((writer, shared, found.recovered))
}

/// Writes what is queued and ends the thread.
impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has refused its waiters already.
            let _ = writer.join();
        }
    }
}
