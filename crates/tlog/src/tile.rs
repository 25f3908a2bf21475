//! Tiles: 256 neighbouring hashes of one level (C2SP tlog-tiles, "Merkle Tree tiles").

use crate::hash::{HASH_BYTES, Hash};

/// Hashes in a full tile.
pub const FULL_WIDTH: u16 = 256;

/// A tile that an append completed: 256 hashes, 8,192 bytes, never to change again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Level in the tiling; level 0 holds leaf hashes.
    pub level: u8,
    /// Place within the level, from 0.
    pub index: u64,
    /// The hashes, one after the other.
    pub bytes: Vec<u8>,
}

/// A tile at the right edge, not yet full: it belongs to one tree size only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialTile {
    /// Level in the tiling; level 0 holds leaf hashes.
    pub level: u8,
    /// Place within the level, from 0.
    pub index: u64,
    /// Hashes in it, 1 to 255.
    pub width: u16,
    /// The hashes, one after the other.
    pub bytes: Vec<u8>,
}

/// Where tiles are kept.
///
/// Must have every full tile of every level and, at level 0, the first `width` hashes of the tile
/// at the right edge. Partial tiles of higher levels may be answered or be [`TileError::Absent`]:
/// they are derived from full tiles below them.
///
/// Not trusted: its holder can make proving fail, or yield proofs that do not verify, and can
/// forge nothing.
pub trait TileSource {
    /// The first `width` hashes (1 to 256) of a tile, `32 * width` bytes.
    ///
    /// # Errors
    /// [`TileError::Absent`] when there is no such tile, [`TileError::Unreadable`] when asking
    /// failed.
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError>;
}

/// Why a tile could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// The source does not have it.
    #[error("tile {index} of level {level} with {width} hashes is absent")]
    Absent {
        /// Level in the tiling.
        level: u8,
        /// Place within the level.
        index: u64,
        /// Hashes asked for.
        width: u16,
    },
    /// The source answered with another number of bytes than the width demands.
    #[error("tile {index} of level {level} has {actual} bytes where {expected} belong")]
    WrongLength {
        /// Level in the tiling.
        level: u8,
        /// Place within the level.
        index: u64,
        /// Bytes that the width demands.
        expected: usize,
        /// Bytes answered.
        actual: usize,
    },
    /// Asking the source failed.
    #[error("a tile could not be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How many hashes the tile `index` of `level` holds in a tree of `size` leaves, 0 to 256.
#[must_use]
pub fn partial_width(size: u64, level: u8, index: u64) -> u16 {
    let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let before = index.saturating_mul(u64::from(FULL_WIDTH));
    let width = hashes.saturating_sub(before).min(u64::from(FULL_WIDTH));
    u16::try_from(width).unwrap_or(FULL_WIDTH)
}

/// The hashes of a tile's bytes; bytes beyond the last whole hash are none.
pub(crate) fn hashes(bytes: &[u8]) -> impl Iterator<Item = Hash> {
    let (whole, _rest) = bytes.as_chunks::<HASH_BYTES>();
    whole.iter().copied().map(Hash::from_bytes)
}

/// The bytes of a tile that holds these hashes.
pub(crate) fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The root over a full tile's bytes: the hash that stands for it one level up. `None` when the
/// tile is not full.
#[must_use]
pub fn full_tile_root(tile: &[u8]) -> Option<Hash> {
    let is_full = tile.len() == usize::from(FULL_WIDTH) * HASH_BYTES;
    is_full.then(|| subtree_root(hashes(tile).collect()))?
}

/// The root of a perfect subtree over these hashes; `None` unless their number is a power of two.
pub(crate) fn subtree_root(mut hashes: Vec<Hash>) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    while hashes.len() > 1 {
        hashes = hashes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[left, right]| crate::node_hash(*left, *right))
            .collect();
    }
    hashes.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
        // C2SP tlog-tiles, "Partial Tiles": 273 full level 0 tiles and one of width 112, one full
        // level 1 tile and one of width 17, one level 2 tile of width 1.
        assert_eq!(partial_width(70_000, 0, 272), 256);
        assert_eq!(partial_width(70_000, 0, 273), 112);
        assert_eq!(partial_width(70_000, 0, 274), 0);
        assert_eq!(partial_width(70_000, 1, 0), 256);
        assert_eq!(partial_width(70_000, 1, 1), 17);
        assert_eq!(partial_width(70_000, 2, 0), 1);
        assert_eq!(partial_width(70_000, 3, 0), 0);
        assert_eq!(partial_width(256, 0, 0), 256);
        assert_eq!(partial_width(256, 1, 0), 1);
        assert_eq!(partial_width(u64::MAX, 63, u64::MAX), 0);
    }
}
