//! The pack: what goes into it, and the one archive that it makes.

mod approvals;
mod layout;
mod needed;
mod payloads;
mod tiles;

use std::collections::{BTreeMap, HashMap};

use locum_domain::{Event, Recorded, Stream};
use locum_record::{Entry, EntryError, Payload, SALT_BYTES, canonical};
use locum_tlog::{
    Checkpoint, CheckpointError, ProveError, TilePath, TlogProof, VerifierKey, consistency_proof,
    decode_bundle, encode_consistency, inclusion_proof, verify_checkpoint,
};

use crate::archive::{self, ArchiveError};
use crate::report::report;
use crate::story::{AccessEvent, StoryError, story};

pub(crate) use approvals::{Approved, approvals};
pub(crate) use layout::{MANIFEST, Manifest, digest, is_derived};
pub use needed::needed;
use tiles::Tiles;

/// Everything a pack is made from. The same parts make the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The key of the ledger.
    pub key: VerifierKey,
    /// The signed checkpoint, verbatim, that all of it is proved under.
    pub checkpoint: String,
    /// The disclosed payloads, in ledger order.
    pub rows: Vec<PackRow>,
    /// The entry bundles and tiles that [`needed`] names for the checkpoint's size and the rows' positions,
    /// as the log serves them. Others are ignored.
    pub parts: HashMap<TilePath, Vec<u8>>,
}

/// A disclosed payload: it opens the commitment of the entry at its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    pub position: u64,
    pub stream: Stream,
    pub salt: [u8; SALT_BYTES],
    /// The event's canonical bytes.
    pub body: Vec<u8>,
}

/// Why parts make no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the checkpoint does not verify")]
    Checkpoint(#[from] CheckpointError),
    #[error("entry {position} is beyond the checkpoint's {size} entries")]
    Beyond { position: u64, size: u64 },
    /// An entry bundle or tile that [`needed`] names.
    #[error("`{0}` is missing")]
    Missing(String),
    #[error("`{0}` does not have the form of an entry bundle or tile of its width")]
    Form(String),
    #[error("entry {0} is not in canonical form")]
    Entry(u64, #[source] EntryError),
    #[error("the payload of entry {0} is not the one the ledger committed to")]
    Payload(u64),
    #[error("the payload of entry {0} is not a recorded event in canonical form")]
    Body(u64),
    #[error("`{0}` does not lead to the checkpoint's root")]
    Tree(String),
    #[error("a proof cannot be made")]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Story(#[from] StoryError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("a file has no canonical form")]
    Canonical(#[from] locum_record::CanonicalError),
}

/// A pack taken as true so far as its own key goes: the checkpoint, what it covers, and what that says.
pub(crate) struct Opened {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) events: Vec<Recorded>,
    pub(crate) story: AccessEvent,
    tiles: Tiles,
}

impl Pack {
    /// Checks the parts against each other and the checkpoint, and writes the archive.
    ///
    /// # Errors
    /// [`PackError`] when something is missing or would not verify.
    pub fn build(&self) -> Result<Vec<u8>, PackError> {
        self.archive(&self.open()?)
    }

    /// Writes the archive of a pack that was opened.
    pub(crate) fn archive(&self, opened: &Opened) -> Result<Vec<u8>, PackError> {
        let files = self.files(opened)?;
        let manifest = Manifest::of(&files).to_bytes()?;
        let manifest = std::iter::once((MANIFEST, manifest.as_slice()));
        let rest = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        Ok(archive::write(manifest.chain(rest))?)
    }

    /// Checks everything that the pack's own key can vouch for.
    pub(crate) fn open(&self) -> Result<Opened, PackError> {
        let checkpoint = verify_checkpoint(&self.checkpoint, &self.key)?;
        let tiles = Tiles::of(checkpoint.size(), &self.positions(), &self.parts)?;
        tiles.check(checkpoint.root())?;
        let events = self
            .rows
            .iter()
            .map(|row| self.opened(row, &tiles))
            .collect::<Result<Vec<_>, _>>()?;
        let story = story(&events)?;
        Ok(Opened {
            checkpoint,
            events,
            story,
            tiles,
        })
    }

    fn positions(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.position).collect()
    }

    /// The event that an entry commits to and its payload discloses.
    fn opened(&self, row: &PackRow, tiles: &Tiles) -> Result<Recorded, PackError> {
        let position = row.position;
        let entry = tiles.entry(position).ok_or(PackError::Beyond {
            position,
            size: tiles.size(),
        })?;
        let payload = Payload {
            salt: row.salt,
            body: row.body.clone(),
        };
        if !payload.opens(entry) {
            return Err(PackError::Payload(position));
        }
        let event: Event =
            serde_json::from_slice(&row.body).map_err(|_| PackError::Body(position))?;
        let is_canonical = canonical(&event).is_ok_and(|bytes| bytes == row.body);
        if !is_canonical || event.kind() != entry.kind() {
            return Err(PackError::Body(position));
        }
        Ok(Recorded {
            position,
            stream: row.stream.clone(),
            at: entry.at(),
            event,
        })
    }

    /// Every file but the manifest, by name.
    fn files(&self, opened: &Opened) -> Result<BTreeMap<String, Vec<u8>>, PackError> {
        let mut files = BTreeMap::new();
        let told =
            serde_json::to_vec_pretty(&opened.story).map_err(locum_record::CanonicalError::from)?;
        files.insert(layout::STORY.to_owned(), [told.as_slice(), b"\n"].concat());
        files.insert(
            layout::REPORT.to_owned(),
            report(&opened.story).into_bytes(),
        );
        files.insert(
            layout::CHECKPOINT.to_owned(),
            self.checkpoint.clone().into_bytes(),
        );
        files.insert(
            layout::KEY.to_owned(),
            format!("{}\n", self.key).into_bytes(),
        );
        for approved in approvals(&opened.events) {
            files.insert(layout::approval(approved.position), canonical(&approved)?);
        }
        for path in needed(opened.checkpoint.size(), self.positions()) {
            let bytes = self
                .parts
                .get(&path)
                .ok_or_else(|| PackError::Missing(path.to_string()))?;
            files.insert(layout::part(path), bytes.clone());
        }
        files.extend(payloads::encode(&self.rows)?);
        let first = self.rows.first().map(|row| ("first", row.position));
        let last = self.rows.last().map(|row| ("last", row.position));
        for (end, position) in first.into_iter().chain(last) {
            let size = opened.checkpoint.size();
            let proof = TlogProof {
                extra: None,
                index: position,
                hashes: inclusion_proof(&opened.tiles, size, position)?,
                checkpoint: self.checkpoint.clone(),
            };
            files.insert(layout::inclusion(end), proof.encode().into_bytes());
            let lines = consistency_proof(&opened.tiles, position + 1, size)?;
            files.insert(
                layout::consistency(end),
                encode_consistency(&lines).into_bytes(),
            );
        }
        Ok(files)
    }

    /// Takes the parts out of an archive's files. Whether they are the right ones shows when they are built
    /// again.
    pub(crate) fn from_files(files: &BTreeMap<&str, &[u8]>) -> Result<Self, PackError> {
        let text = |name: &str| {
            let bytes = files
                .get(name)
                .ok_or_else(|| PackError::Missing(name.to_owned()))?;
            std::str::from_utf8(bytes).map_err(|_| PackError::Form(name.to_owned()))
        };
        let key = VerifierKey::parse(text(layout::KEY)?)
            .map_err(|_| PackError::Form(layout::KEY.to_owned()))?;
        let checkpoint = text(layout::CHECKPOINT)?.to_owned();
        let parts = files
            .iter()
            .filter_map(|(name, bytes)| Some((layout::part_of(name)?, bytes.to_vec())))
            .collect();
        let rows = payloads::decode(files)?;
        Ok(Self {
            key,
            checkpoint,
            rows,
            parts,
        })
    }
}

/// The entries of one bundle, each in canonical form.
fn entries_of(
    path: TilePath,
    bundle: &[u8],
    first: u64,
    width: u16,
) -> Result<Vec<Entry>, PackError> {
    let entries = decode_bundle(bundle).map_err(|_| PackError::Form(layout::part(path)))?;
    if entries.len() != usize::from(width) {
        return Err(PackError::Form(layout::part(path)));
    }
    let parse = |(bytes, position): (&[u8], u64)| {
        Entry::parse(bytes).map_err(|error| PackError::Entry(position, error))
    };
    entries.into_iter().zip(first..).map(parse).collect()
}
