//! The hashes of a pack: computed from its entry bundles at level 0, read from its tiles above.

use std::collections::BTreeMap;

use locum_record::Entry;
use locum_tlog::{
    FULL_WIDTH, HASH_BYTES, Hash, TileError, TilePath, TileSource, decode_bundle, full_tile_root,
    leaf_hash, partial_width, root_of,
};

use super::{PackError, Source, layout, needed};

/// The needed tiles of one tree size above level 0, and of level 0 those at the right edge and those that proofs need.
pub(crate) struct Tiles {
    size: u64,
    hashes: BTreeMap<(u8, u64), Vec<u8>>,
}

/// The first position of a bundle.
pub(super) const fn first_of(bundle: u64) -> u64 {
    bundle.saturating_mul(FULL_WIDTH as u64)
}

impl Tiles {
    /// Takes the tiles that these bundles need.
    pub(crate) fn of(
        source: &mut impl Source,
        size: u64,
        bundles: &[u64],
    ) -> Result<Self, PackError> {
        let mut tiles = Self {
            size,
            hashes: BTreeMap::new(),
        };
        for path in needed(size, bundles.iter().map(|bundle| first_of(*bundle))) {
            match path {
                TilePath::Hashes {
                    level,
                    index,
                    width,
                } => {
                    let bytes = source.part(path)?;
                    if bytes.len() != usize::from(width) * HASH_BYTES {
                        return Err(PackError::Form(layout::part(path)));
                    }
                    tiles.hashes.insert((level, index), bytes);
                }
                TilePath::Entries { index, width } if width < FULL_WIDTH => {
                    tiles.keep(source, index)?;
                }
                TilePath::Entries { .. } => {}
            }
        }
        Ok(tiles)
    }

    /// Leaves in the tree.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Checks that every full tile is the one its parent names, and that the tiles at the right edge make
    /// this root: then every hash here is the ledger's.
    pub(crate) fn check(&self, root: Hash) -> Result<(), PackError> {
        for ((level, index), tile) in &self.hashes {
            if let Some(hash) = full_tile_root(tile) {
                let width = FULL_WIDTH;
                let path = TilePath::Hashes {
                    level: *level,
                    index: *index,
                    width,
                };
                self.is_named(path, *level, *index, hash)?;
            }
        }
        if root_of(self, self.size)? == root {
            Ok(())
        } else {
            Err(PackError::Tree("the right edge of the tree".to_owned()))
        }
    }

    /// The entries of a bundle with their leaf hashes, once they are shown to be the ledger's.
    pub(crate) fn bundle(
        &self,
        source: &mut impl Source,
        index: u64,
    ) -> Result<Vec<(Entry, Hash)>, PackError> {
        let (_, bytes) = self.read(source, index)?;
        self.entries(index, &bytes)
    }

    /// The entries of a bundle that was read.
    pub(super) fn entries(
        &self,
        index: u64,
        bytes: &[u8],
    ) -> Result<Vec<(Entry, Hash)>, PackError> {
        let path = self.path(index);
        let leaves = decode_bundle(bytes).map_err(|_| PackError::Form(layout::part(path)))?;
        let leaf_hashes = leaf_hashes(&leaves);
        let hashes = bytes_of(&leaf_hashes);
        match full_tile_root(&hashes) {
            Some(hash) => self.is_named(path, 0, index, hash)?,
            None if self.hashes.get(&(0, index)) == Some(&hashes) => {}
            None => return Err(PackError::Form(layout::part(path))),
        }
        let parse = |((bytes, hash), position): ((&[u8], Hash), u64)| {
            let entry = Entry::parse(bytes).map_err(|error| PackError::Entry(position, error))?;
            Ok((entry, hash))
        };
        let leaves = leaves.into_iter().zip(leaf_hashes);
        leaves.zip(first_of(index)..).map(parse).collect()
    }

    /// Keeps the leaf hashes of these bundles, from which proofs are made.
    pub(super) fn keep_for_proofs(
        &mut self,
        source: &mut impl Source,
        bundles: [u64; 2],
    ) -> Result<(), PackError> {
        bundles
            .into_iter()
            .try_for_each(|index| self.keep(source, index))
    }

    fn keep(&mut self, source: &mut impl Source, index: u64) -> Result<(), PackError> {
        let (path, bytes) = self.read(source, index)?;
        let leaves = decode_bundle(&bytes).map_err(|_| PackError::Form(layout::part(path)))?;
        let hashes = bytes_of(&leaf_hashes(&leaves));
        if hashes.len() != usize::from(partial_width(self.size, 0, index)) * HASH_BYTES {
            return Err(PackError::Form(layout::part(path)));
        }
        self.hashes.insert((0, index), hashes);
        Ok(())
    }

    pub(super) fn read(
        &self,
        source: &mut impl Source,
        index: u64,
    ) -> Result<(TilePath, Vec<u8>), PackError> {
        let path = self.path(index);
        Ok((path, source.part(path)?))
    }

    fn path(&self, index: u64) -> TilePath {
        let width = partial_width(self.size, 0, index);
        TilePath::Entries { index, width }
    }

    /// Whether the tile one level up names this hash of a full tile.
    fn is_named(&self, path: TilePath, level: u8, index: u64, hash: Hash) -> Result<(), PackError> {
        let above = (level + 1, index / u64::from(FULL_WIDTH));
        let within =
            usize::try_from(index % u64::from(FULL_WIDTH)).unwrap_or(usize::MAX) * HASH_BYTES;
        let tile = self.hashes.get(&above);
        let named = tile.and_then(|tile| tile.get(within..within + HASH_BYTES));
        if named == Some(hash.as_bytes().as_slice()) {
            Ok(())
        } else {
            Err(PackError::Tree(layout::part(path)))
        }
    }
}

fn leaf_hashes(leaves: &[&[u8]]) -> Vec<Hash> {
    leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
}

/// Leaf hashes as the tile of level 0 holds them.
fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
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
