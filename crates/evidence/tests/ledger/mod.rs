//! A ledger in memory, as a server would have written it, and access events to fill it with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "test harness; every test file uses its own part of it"
)]

pub mod chains;
pub mod erasures;
pub mod invitations;
pub mod looks;
pub mod restores;
pub mod revocations;
pub mod scenario;
pub mod signing;
pub mod turns;
pub mod witnesses;
pub mod world;

use std::collections::{BTreeSet, HashMap};

use locum_domain::{Event, Recorded, Stream, Timestamp};
use locum_evidence::{Pack, PackRow, is_link, needed, streams_needed};
use locum_record::{Entry, Payload, canonical};
use locum_tlog::{
    FULL_WIDTH, LedgerKey, MemoryTiles, TilePath, TileSource, consistency_proof, encode_bundle,
    full_tile_root, leaf_hash,
};

pub struct Ledger {
    pub key: LedgerKey,
    pub tiles: MemoryTiles,
    pub entries: Vec<Vec<u8>>,
    pub rows: Vec<PackRow>,
    pub chains: chains::Chains,
    pub looks: looks::Looks,
    /// Seconds in which nothing was recorded.
    pub skipped: i64,
}

impl Ledger {
    pub fn new(seed: u8) -> Self {
        let key = LedgerKey::from_seed("ledger.example/locum", &[seed; 32]).unwrap();
        Self {
            key,
            tiles: MemoryTiles::new(),
            entries: Vec::new(),
            rows: Vec::new(),
            chains: chains::Chains::default(),
            looks: looks::Looks::default(),
            skipped: 0,
        }
    }

    pub fn now(&self) -> Timestamp {
        time(i64::try_from(self.entries.len()).unwrap() + self.skipped)
    }

    /// Lets time pass, until so many seconds into the story.
    pub fn skip_to(&mut self, seconds: i64) {
        let passed = i64::try_from(self.entries.len()).unwrap();
        self.skipped = self.skipped.max(seconds - passed);
    }

    pub fn record(&mut self, stream: &Stream, event: &Event) {
        let event = self.looks.filled(event);
        let event = &witnesses::witnessed_now(&event, || {
            let tree = self.tiles.tree();
            self.key.sign_checkpoint(tree.size(), tree.root())
        });
        let mut salt = [7; 32];
        salt[..8].copy_from_slice(&(self.rows.len() as u64).to_be_bytes());
        let personal = salt.map(|byte| !byte);
        let payload = Payload::of(event, event.personal(stream), salt, || personal).unwrap();
        self.record_payload(stream, event, payload);
    }

    /// Records an event with a payload of its own.
    pub fn record_payload(&mut self, stream: &Stream, event: &Event, payload: Payload) {
        let position = self.rows.len() as u64;
        let commitment = payload.commitment().unwrap();
        let entry = Entry::new(event.kind(), self.now(), commitment).unwrap();
        let place = self.chains.next(stream, event);
        let entry = entry.placed(place).to_bytes().unwrap();
        let leaf = leaf_hash(&entry);
        if let Some(place) = place {
            self.chains.stands(place, leaf);
        }
        let recorded = Recorded {
            position,
            stream: stream.clone(),
            at: self.now(),
            event: event.clone(),
        };
        self.looks.see(&recorded, leaf);
        self.tiles.append(leaf);
        self.entries.push(entry);
        self.rows.push(PackRow {
            position,
            stream: stream.clone(),
            salt: payload.salt,
            body: payload.body,
            personal: payload.personal,
        });
    }

    /// Entries of nobody in particular.
    pub fn fill(&mut self, count: usize) {
        for _ in 0..count {
            let event = Event::StrangersRefused {
                listener: "gateway".into(),
                reason: "session-ended".into(),
                count: 3,
                at: self.now(),
            };
            self.record(&Stream::Doors, &event);
        }
    }

    /// Records several stories side by side, with strangers at the doors between them.
    pub fn interleave(&mut self, stories: &[Vec<(Stream, Event)>], filler: usize) {
        let longest = stories.iter().map(Vec::len).max().unwrap_or(0);
        for step in 0..longest {
            for story in stories {
                if let Some((stream, event)) = story.get(step) {
                    self.record(stream, event);
                    self.fill(filler);
                }
            }
        }
    }

    /// The pack over the rows in these streams, under a checkpoint signed now.
    pub fn pack(&self, streams: &[Stream]) -> Pack {
        let rows: Vec<PackRow> = self
            .rows
            .iter()
            .filter(|row| streams.contains(&row.stream))
            .cloned()
            .collect();
        self.pack_of(rows)
    }

    /// The pack of an access event with the keys that its signatures lead to, gathered as a server does.
    pub fn signed_pack(&self, streams: &[Stream]) -> Pack {
        let mut all: BTreeSet<Stream> = streams.iter().cloned().collect();
        loop {
            let events = self.events(&all.iter().cloned().collect::<Vec<_>>());
            let known = all.len();
            all.extend(streams_needed(&events));
            if all.len() == known {
                break;
            }
        }
        let is_chain = |stream: &Stream| matches!(stream, Stream::Founding | Stream::Enrolment(_));
        let rows = self.rows.iter().filter(|row| all.contains(&row.stream));
        let event = |row: &PackRow| serde_json::from_slice::<Event>(&row.body).unwrap();
        let rows = rows.filter(|row| !is_chain(&row.stream) || is_link(&event(row)));
        self.pack_of(rows.cloned().collect())
    }

    pub fn pack_of(&self, rows: Vec<PackRow>) -> Pack {
        let tree = self.tiles.tree();
        let checkpoint = self.key.sign_checkpoint(tree.size(), tree.root());
        let positions = rows.iter().map(|row| row.position);
        let parts = needed(tree.size(), positions)
            .into_iter()
            .map(|path| (path, self.part(path)))
            .collect();
        let body = |row: &PackRow| serde_json::from_slice::<Event>(&row.body).unwrap();
        let sizes = rows.iter().filter_map(|row| match body(row) {
            Event::SessionWitnessed { checkpoint, .. } => {
                checkpoint.lines().nth(1)?.parse::<u64>().ok()
            }
            _ => None,
        });
        let proof = |old| consistency_proof(&self.tiles, old, tree.size()).unwrap();
        let consistency = sizes.map(|old| (old, proof(old))).collect();
        Pack {
            key: self.key.verifier_key().clone(),
            checkpoint,
            rows,
            parts,
            consistency,
        }
    }

    pub fn part(&self, path: TilePath) -> Vec<u8> {
        match path {
            TilePath::Entries { index, width } => {
                let first = usize::try_from(index).unwrap() * usize::from(FULL_WIDTH);
                let entries = &self.entries[first..first + usize::from(width)];
                encode_bundle(entries.iter().map(Vec::as_slice)).unwrap()
            }
            TilePath::Hashes {
                level,
                index,
                width,
            } => self
                .tiles
                .tile(level, index, width)
                .unwrap_or_else(|_| self.above(level, index, width)),
        }
    }

    fn above(&self, level: u8, index: u64, width: u16) -> Vec<u8> {
        let first = index * u64::from(FULL_WIDTH);
        (first..first + u64::from(width))
            .flat_map(|below| {
                let tile = self.tiles.tile(level - 1, below, FULL_WIDTH).unwrap();
                *full_tile_root(&tile).unwrap().as_bytes()
            })
            .collect()
    }

    pub fn events(&self, streams: &[Stream]) -> Vec<Recorded> {
        let rows = self.rows.iter().filter(|row| streams.contains(&row.stream));
        rows.map(|row| Recorded {
            position: row.position,
            stream: row.stream.clone(),
            at: Entry::parse(&self.entries[row.position as usize])
                .unwrap()
                .at(),
            event: serde_json::from_slice(&whole(row)).unwrap(),
        })
        .collect()
    }
}

/// The event of a row with its personal values in their places.
pub fn whole(row: &PackRow) -> Vec<u8> {
    let payload = Payload {
        salt: row.salt,
        body: row.body.clone(),
        personal: row.personal.clone(),
    };
    payload.event().unwrap()
}

/// Some seconds into the story.
pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_557_600 + seconds).unwrap()
}

/// Writes an archive of any files in any order, each with its right checksum: what somebody who alters a pack
/// would do. Field for field the format of the document.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let offset = archive.len() as u32;
        let mut fields = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        fields.extend(crc32fast::hash(bytes).to_le_bytes());
        fields.extend((bytes.len() as u32).to_le_bytes());
        fields.extend((bytes.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&fields);
        archive.extend(name.as_bytes());
        archive.extend(bytes);
        directory.extend(b"PK\x01\x02\x0a\x00");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (offset, size) = (archive.len() as u32, directory.len() as u32);
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend((files.len() as u16).to_le_bytes());
    archive.extend((files.len() as u16).to_le_bytes());
    archive.extend(size.to_le_bytes());
    archive.extend(offset.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

/// Takes an archive apart by its lengths.
pub fn unzip(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut rest = archive;
    while rest.starts_with(b"PK\x03\x04") {
        let size = u32::from_le_bytes(rest[22..26].try_into().unwrap()) as usize;
        let length = usize::from(u16::from_le_bytes(rest[26..28].try_into().unwrap()));
        let name = String::from_utf8(rest[30..30 + length].to_vec()).unwrap();
        files.push((name, rest[30 + length..30 + length + size].to_vec()));
        rest = &rest[30 + length + size..];
    }
    files
}

/// Writes the manifest that fits these files, as somebody would who alters a pack and knows the format.
pub fn with_manifest(mut files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    files.retain(|(name, _)| name != "manifest.json");
    files.sort();
    let digests: HashMap<&str, String> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), hex::encode(Sha256::digest(bytes))))
        .collect();
    let manifest = serde_json::json!({"files": digests, "format": "locum-evidence/1"});
    files.insert(0, ("manifest.json".into(), canonical(&manifest).unwrap()));
    zip(&files)
}
