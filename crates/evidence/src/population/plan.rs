//! The archive of a population, written while everything is read for the second time.

use std::collections::{BTreeMap, VecDeque};

use locum_domain::EventId;
use locum_tlog::{Hash, TilePath};

use super::draft::{DraftError, Known};
use super::files::FORMAT;
use crate::archive::Writer;
use crate::pack::{MANIFEST, Manifest, digest};

/// A file of the archive, and where its bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// An entry bundle or a tile of the ledger.
    Part(TilePath),
    /// The evidence pack of an event, made again of the same parts.
    Pack(EventId),
    /// What is made already.
    Made(Vec<u8>),
}

/// What the archive holds, in its order.
pub struct Plan {
    files: VecDeque<(String, Known)>,
    writer: Writer<Vec<u8>>,
}

impl Plan {
    pub(super) fn of(files: BTreeMap<String, Known>) -> Result<Self, DraftError> {
        let digests: BTreeMap<String, Hash> = files
            .iter()
            .map(|(name, known)| (name.clone(), known.digest))
            .collect();
        let manifest = Manifest::of(digests, FORMAT).to_bytes()?;
        let mut writer = Writer::new(Vec::new());
        writer.add(MANIFEST, &manifest)?;
        Ok(Self {
            files: files.into_iter().collect(),
            writer,
        })
    }

    /// How many files are still to be written.
    #[must_use]
    pub fn left(&self) -> usize {
        self.files.len()
    }

    /// The file that comes next; none when all are written.
    #[must_use]
    pub fn next(&self) -> Option<&Wanted> {
        self.files.front().map(|(_, known)| &known.wanted)
    }

    /// Writes the next file, and gives the archive's bytes as far as they are ready.
    ///
    /// # Errors
    /// [`DraftError::Changed`] when the bytes are not those that were planned with.
    pub fn write(&mut self, bytes: &[u8]) -> Result<Vec<u8>, DraftError> {
        let Some((name, known)) = self.files.pop_front() else {
            return Ok(Vec::new());
        };
        if digest(bytes) != known.digest {
            return Err(DraftError::Changed(name));
        }
        self.writer.add(&name, bytes)?;
        Ok(std::mem::take(self.writer.out()))
    }

    /// The end of the archive.
    ///
    /// # Errors
    /// [`DraftError::Archive`] when it is larger than its form allows.
    pub fn finish(&mut self) -> Result<Vec<u8>, DraftError> {
        let writer = std::mem::replace(&mut self.writer, Writer::new(Vec::new()));
        Ok(writer.finish()?)
    }
}
