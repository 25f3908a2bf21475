//! The one thread that writes and syncs.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::disk::{Disk, SegmentFile};
use super::frame;
use super::header::{HEADER_BYTES, Header};
use super::mark::{Mark, Taken};
use super::queue::{Batch, Work};
use super::recover::OpenError;
use super::shared::Shared;
use super::unavailable::RecorderUnavailable;

/// Where the next segment stands in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    /// Its number.
    pub(super) number: u64,
    /// The mark just after the last acknowledged record before it.
    pub(super) last: Option<Mark>,
}

struct Segment {
    file: Box<dyn SegmentFile>,
    number: u64,
    /// Just after the last acknowledged record.
    end: u64,
}

/// Writes what is queued, turn by turn.
pub(super) struct Writer<D> {
    disk: D,
    shared: Arc<Shared>,
    segment: Option<Segment>,
    next: Next,
}

/// Starts the thread.
pub(super) fn spawn(mut writer: Writer<impl Disk>) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name("recorder".to_owned())
        .spawn(move || {
            let _ended = Ended(Arc::clone(&writer.shared));
            writer.run();
        })
        .map_err(OpenError::Thread)
}

/// However the thread ends, nobody is left waiting.
struct Ended(Arc<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.writer_ended();
    }
}

impl<D: Disk> Writer<D> {
    /// Opens the first segment, or leaves the door closed.
    pub(super) fn open(disk: D, shared: Arc<Shared>, next: Next) -> Self {
        let mut writer = Self {
            disk,
            shared,
            segment: None,
            next,
        };
        writer.open_door();
        writer
    }

    fn run(&mut self) {
        while self.turn(self.shared.next_work()) {}
    }

    /// Does one piece of work; `false` when it was the last.
    pub(super) fn turn(&mut self, work: Work) -> bool {
        match work {
            Work::Write(batch) => self.write(batch),
            Work::OpenDoor => self.open_door(),
            Work::Stop => return false,
        }
        true
    }

    /// Opens a segment, and the door with it; else the door is closed.
    fn open_door(&mut self) {
        match self.open_segment() {
            Ok(segment) => {
                self.segment = Some(segment);
                self.shared.open_door();
            }
            Err(error) => self.shared.close_door(Arc::new(error)),
        }
    }

    fn open_segment(&mut self) -> io::Result<Segment> {
        let header = Header {
            number: self.next.number,
            previous: self.next.last.map_or(0, |last| last.segment),
            previous_end: self.next.last.map_or(0, |last| last.offset),
            bytes: self.shared.options.segment_bytes,
        };
        let file = self.disk.create(
            &self.shared.directory,
            header.number,
            &header.encode(),
            self.shared.options.segment_bytes,
        )?;
        self.shared.segment_made(header.number);
        Ok(Segment {
            file,
            number: header.number,
            end: HEADER_BYTES as u64,
        })
    }

    fn write(&mut self, batch: Batch) {
        let segment = match self.segment_with_room(batch.framed_bytes) {
            Ok(segment) => segment,
            Err(error) => {
                let error = Arc::new(error);
                self.shared
                    .refuse(batch, &RecorderUnavailable::Failed(Arc::clone(&error)));
                self.shared.close_door(error);
                return;
            }
        };
        match segment.append(&batch) {
            Ok(taken) => {
                let number = segment.number;
                self.next = Next {
                    number: number + 1,
                    last: Some(Mark {
                        segment: number,
                        offset: segment.end,
                    }),
                };
                // Durable first for the sequencer, then for those who wait: whoever was
                // acknowledged can rely on its record being in line.
                self.shared.made_durable(taken.into_iter());
                batch.acknowledge();
            }
            Err(error) => {
                let is_fresh = segment.end == HEADER_BYTES as u64;
                self.segment = None;
                let error = Arc::new(error);
                self.shared
                    .refuse(batch, &RecorderUnavailable::Failed(Arc::clone(&error)));
                // A segment that failed at its first write promises nothing for the next one:
                // wait for a knock instead of filling the disk with segments.
                if is_fresh {
                    self.shared.close_door(error);
                } else {
                    self.open_door();
                }
            }
        }
    }

    /// The open segment, or a fresh one when the batch does not fit: a batch is never split, so
    /// one sync decides over all of it.
    fn segment_with_room(&mut self, bytes: u64) -> io::Result<&mut Segment> {
        let end_limit = self.shared.options.segment_bytes;
        let segment = match self.segment.take() {
            Some(segment) if segment.end.saturating_add(bytes) <= end_limit => segment,
            _ => self.open_segment()?,
        };
        Ok(self.segment.insert(segment))
    }
}

impl Segment {
    /// Writes a batch with one call and syncs once.
    fn append(&mut self, batch: &Batch) -> io::Result<Vec<Taken>> {
        let durable = u32::try_from(self.end).map_err(io::Error::other)?;
        let mut frames = Vec::with_capacity(usize::try_from(batch.framed_bytes).unwrap_or(0));
        let mut taken = Vec::with_capacity(batch.records.len());
        let mut offset = self.end;
        for queued in &batch.records {
            frame::encode(&mut frames, self.number, offset, durable, &queued.record);
            offset += frame::framed_bytes(&queued.record);
            let mark = Mark {
                segment: self.number,
                offset,
            };
            taken.push(Taken {
                mark,
                bytes: queued.record.clone(),
            });
        }
        self.file.write(&frames, self.end)?;
        self.file.sync()?;
        self.end = offset;
        Ok(taken)
    }
}
