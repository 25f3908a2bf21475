//! All tiles of a tree, in memory.

use std::collections::BTreeMap;

use crate::hash::{HASH_BYTES, Hash};
use crate::tile::{FULL_WIDTH, TileError, TileSource};
use crate::tree::Tree;

/// A [`Tree`] that keeps the tiles it completes: for verifiers that hold all entries anyway, and
/// for tests. 32 bytes per leaf and a little.
#[derive(Debug, Clone, Default)]
pub struct MemoryTiles {
    tree: Tree,
    full: BTreeMap<(u8, u64), Vec<u8>>,
}

impl MemoryTiles {
    /// No tiles of the empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tiles of a tree with these leaves.
    pub fn from_leaves(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut tiles = Self::new();
        for leaf in leaves {
            tiles.append(leaf);
        }
        tiles
    }

    /// Appends one leaf.
    pub fn append(&mut self, leaf: Hash) {
        for tile in self.tree.append(leaf) {
            self.full.insert((tile.level, tile.index), tile.bytes);
        }
    }

    /// The tree over all leaves so far.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }
}

impl TileSource for MemoryTiles {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        let wanted = usize::from(width) * HASH_BYTES;
        let edge = || {
            self.tree
                .partial_tile(level)
                .filter(|tile| tile.index == index)
                .map(|tile| tile.bytes)
        };
        self.full
            .get(&(level, index))
            .cloned()
            .or_else(edge)
            .filter(|tile| width <= FULL_WIDTH && tile.len() >= wanted)
            .map(|mut tile| {
                tile.truncate(wanted);
                tile
            })
            .ok_or(TileError::Absent {
                level,
                index,
                width,
            })
    }
}
