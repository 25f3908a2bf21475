//! The hashes of a pack: computed from its entry bundles at level 0, read from its tiles above.

use std::collections::{BTreeMap, HashMap};

use locum_record::Entry;
use locum_tlog::{
    FULL_WIDTH, HASH_BYTES, Hash, TileError, TilePath, TileSource, decode_bundle, full_tile_root,
    leaf_hash, root_of,
};

use super::{PackError, entries_of, layout, needed};

/// The needed tiles of one tree size, and the entries below those that were bundled.
pub(crate) struct Tiles {
    size: u64,
    hashes: BTreeMap<(u8, u64), Vec<u8>>,
    /// Under which name each stands in the pack.
    names: HashMap<(u8, u64), String>,
    entries: HashMap<u64, Entry>,
}

impl Tiles {
    /// Takes what these positions need out of the parts.
    pub(super) fn of(
        size: u64,
        positions: &[u64],
        parts: &HashMap<TilePath, Vec<u8>>,
    ) -> Result<Self, PackError> {
        if let Some(position) = positions.iter().copied().find(|position| *position >= size) {
            return Err(PackError::Beyond { position, size });
        }
        let mut tiles = Self {
            size,
            hashes: BTreeMap::new(),
            names: HashMap::new(),
            entries: HashMap::new(),
        };
        for path in needed(size, positions.iter().copied()) {
            let bytes = parts
                .get(&path)
                .ok_or_else(|| PackError::Missing(layout::part(path)))?;
            tiles.take(path, bytes)?;
        }
        Ok(tiles)
    }

    fn take(&mut self, path: TilePath, bytes: &[u8]) -> Result<(), PackError> {
        let form = || PackError::Form(layout::part(path));
        let (place, hashes) = match path {
            TilePath::Hashes {
                level,
                index,
                width,
            } => {
                if bytes.len() != usize::from(width) * HASH_BYTES {
                    return Err(form());
                }
                ((level, index), bytes.to_vec())
            }
            TilePath::Entries { index, width } => {
                let first = index * u64::from(FULL_WIDTH);
                let entries = entries_of(path, bytes, first, width)?;
                self.entries.extend((first..).zip(entries));
                let leaves = decode_bundle(bytes).map_err(|_| form())?;
                (
                    (0, index),
                    leaves
                        .iter()
                        .flat_map(|entry| *leaf_hash(entry).as_bytes())
                        .collect(),
                )
            }
        };
        self.names.insert(place, layout::part(path));
        self.hashes.insert(place, hashes);
        Ok(())
    }

    /// Leaves in the tree.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The entry at a position, if its bundle is here.
    pub(crate) fn entry(&self, position: u64) -> Option<&Entry> {
        self.entries.get(&position)
    }

    /// Checks that every full tile is the one its parent names, and that the tiles at the right edge make
    /// this root: then every hash and every entry here is the ledger's.
    pub(super) fn check(&self, root: Hash) -> Result<(), PackError> {
        for ((level, index), tile) in &self.hashes {
            let Some(hash) = full_tile_root(tile) else {
                continue;
            };
            let above = (level + 1, index / u64::from(FULL_WIDTH));
            let within =
                usize::try_from(index % u64::from(FULL_WIDTH)).unwrap_or(usize::MAX) * HASH_BYTES;
            let named = self
                .hashes
                .get(&above)
                .and_then(|tile| tile.get(within..within + HASH_BYTES));
            if named != Some(hash.as_bytes().as_slice()) {
                let name = self
                    .names
                    .get(&(*level, *index))
                    .cloned()
                    .unwrap_or_default();
                return Err(PackError::Tree(name));
            }
        }
        if root_of(self, self.size)? == root {
            Ok(())
        } else {
            Err(PackError::Tree("the right edge of the tree".to_owned()))
        }
    }
}

impl TileSource for Tiles {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        self.hashes
            .get(&(level, index))
            .filter(|tile| tile.len() == usize::from(width) * HASH_BYTES)
            .cloned()
            .ok_or(TileError::Absent {
                level,
                index,
                width,
            })
    }
}
