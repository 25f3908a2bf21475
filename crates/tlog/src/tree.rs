//! The right edge of the log: all that is needed to append and to know the root.

use crate::MAX_SIZE;
use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::read::read_tile;
use crate::tile::{
    FULL_WIDTH, PartialTile, Tile, TileError, TileSource, bytes, hashes, partial_width,
    subtree_root,
};

/// An append-only Merkle tree (RFC 6962) that remembers its right edge only: a few hundred hashes
/// however large the log. Full tiles leave it as they are completed and must be stored by whoever
/// appends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees that make up the tree, the largest first: one for each bit
    /// set in `size`.
    peaks: Vec<Hash>,
    /// For each tile level, the hashes of the tile at the right edge: fewer than 256.
    edge: Vec<Vec<Hash>>,
}

impl Tree {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up where a tree of `size` leaves stopped, from its full tiles and the tail of
    /// level 0. What the source answers is believed: compare [`Self::root`] with a signed
    /// checkpoint before going on.
    ///
    /// # Errors
    /// [`TileError`] when a tile that a tree of this size must have cannot be had.
    pub fn from_full_tiles_and_tail<S: TileSource + ?Sized>(
        size: u64,
        source: &S,
    ) -> Result<Self, TileError> {
        let mut edge = Vec::new();
        for level in 0..8 {
            let count = size >> (8 * u32::from(level));
            if count == 0 {
                break;
            }
            let index = count / u64::from(FULL_WIDTH);
            let width = partial_width(size, level, index);
            let tile = match width {
                0 => Vec::new(),
                _ => read_tile(source, level, index, width)?,
            };
            edge.push(hashes(&tile).collect::<Vec<_>>());
        }
        let peaks = edge.iter().rev().flat_map(|tile| peaks_of(tile)).collect();
        Ok(Self { size, peaks, edge })
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root hash (RFC 6962, section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or(EMPTY_ROOT)
    }

    /// Appends one leaf and hands over the tiles that it completed, lowest level first: none
    /// 255 times of 256.
    #[must_use = "the tree does not keep full tiles: whoever appends must store them"]
    pub fn append(&mut self, leaf: Hash) -> Vec<Tile> {
        debug_assert!(self.size < MAX_SIZE, "no log grows this far");
        let mut full = Vec::new();
        let place = self.size;
        self.size += 1;
        self.push_edge(0, leaf);
        let mut subtree = leaf;
        // Every trailing one of the old size is a perfect subtree as large as the new one.
        for height in 1..=self.size.trailing_zeros() {
            let Some(left) = self.peaks.pop() else { break };
            subtree = node_hash(left, subtree);
            if height % 8 == 0 {
                let level = usize::try_from(height / 8).unwrap_or(usize::MAX);
                if let Some(tile) = self.take_full(level - 1, place) {
                    full.push(tile);
                }
                self.push_edge(level, subtree);
            }
        }
        self.peaks.push(subtree);
        full
    }

    /// The tile at the right edge of a level, when it has between 1 and 255 hashes.
    #[must_use]
    pub fn partial_tile(&self, level: u8) -> Option<PartialTile> {
        let tile = self.edge.get(usize::from(level))?;
        if tile.is_empty() {
            return None;
        }
        Some(PartialTile {
            level,
            index: self.size >> (8 * (u32::from(level) + 1)),
            width: u16::try_from(tile.len()).ok()?,
            bytes: bytes(tile),
        })
    }

    /// The tiles at the right edge of all levels.
    pub fn partial_tiles(&self) -> impl Iterator<Item = PartialTile> {
        (0..8).filter_map(|level| self.partial_tile(level))
    }

    fn push_edge(&mut self, level: usize, hash: Hash) {
        if self.edge.len() <= level {
            self.edge.resize_with(level + 1, Vec::new);
        }
        if let Some(tile) = self.edge.get_mut(level) {
            tile.push(hash);
        }
    }

    fn take_full(&mut self, level: usize, place: u64) -> Option<Tile> {
        let tile = std::mem::take(self.edge.get_mut(level)?);
        let level = u8::try_from(level).ok()?;
        Some(Tile {
            level,
            index: place >> (8 * (u32::from(level) + 1)),
            bytes: bytes(&tile),
        })
    }
}

/// Splits a tile's hashes into perfect subtrees, the largest first, and gives their roots.
fn peaks_of(tile: &[Hash]) -> Vec<Hash> {
    let mut rest = tile;
    let mut peaks = Vec::new();
    for bit in (0..8).rev() {
        let width = 1_usize << bit;
        if tile.len() & width == 0 {
            continue;
        }
        let (subtree, after) = rest.split_at(width.min(rest.len()));
        peaks.extend(subtree_root(subtree.to_vec()));
        rest = after;
    }
    peaks
}
