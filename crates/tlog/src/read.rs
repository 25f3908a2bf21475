//! Reading hashes out of tiles, whatever the source leaves out or gets wrong.

use std::cell::RefCell;
use std::collections::HashMap;

use tlog_tiles::tlog;

use crate::hash::{HASH_BYTES, Hash};
use crate::tile::{FULL_WIDTH, TileError, TileSource, bytes, hashes, partial_width, subtree_root};

/// Reads the first `width` hashes of a tile: as such, else as the front of the full tile, else
/// hashed up from the full tiles one level below.
pub(crate) fn read_tile<S: TileSource + ?Sized>(
    source: &S,
    level: u8,
    index: u64,
    width: u16,
) -> Result<Vec<u8>, TileError> {
    let absent = match source.tile(level, index, width) {
        Ok(tile) => return checked(level, index, width, tile),
        Err(absent @ TileError::Absent { .. }) => absent,
        Err(error) => return Err(error),
    };
    if width < FULL_WIDTH {
        match source.tile(level, index, FULL_WIDTH) {
            Ok(tile) => {
                let mut tile = checked(level, index, FULL_WIDTH, tile)?;
                tile.truncate(usize::from(width) * HASH_BYTES);
                return Ok(tile);
            }
            Err(TileError::Absent { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let Some(below) = level.checked_sub(1) else {
        return Err(absent);
    };
    // A full tile is stored, never derived: without this a lost tile would cost ever more reads.
    if width == FULL_WIDTH {
        return Err(absent);
    }
    let first = index.saturating_mul(u64::from(FULL_WIDTH));
    let mut derived = Vec::with_capacity(usize::from(width));
    for offset in 0..u64::from(width) {
        let index = first.saturating_add(offset);
        let tile = checked(
            below,
            index,
            FULL_WIDTH,
            source.tile(below, index, FULL_WIDTH)?,
        )?;
        derived.extend(subtree_root(hashes(&tile).collect()));
    }
    checked(level, index, width, bytes(&derived))
}

fn checked(level: u8, index: u64, width: u16, tile: Vec<u8>) -> Result<Vec<u8>, TileError> {
    let expected = usize::from(width) * HASH_BYTES;
    if tile.len() == expected {
        return Ok(tile);
    }
    Err(TileError::WrongLength {
        level,
        index,
        expected,
        actual: tile.len(),
    })
}

/// The hashes of a tree of one size, read from tiles and kept for as long as one proof takes.
pub(crate) struct Reader<'a, S: ?Sized> {
    source: &'a S,
    size: u64,
    tiles: RefCell<HashMap<(u8, u64), Vec<Hash>>>,
    /// `HashReader` has no room for our error: it waits here.
    failure: RefCell<Option<TileError>>,
}

impl<'a, S: TileSource + ?Sized> Reader<'a, S> {
    pub(crate) fn new(source: &'a S, size: u64) -> Self {
        Self {
            source,
            size,
            tiles: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    /// The tile error behind the last failed reading, if that was the cause.
    pub(crate) fn into_failure(self) -> Option<TileError> {
        self.failure.into_inner()
    }

    fn hash(&self, position: u64) -> Result<Hash, tlog::Error> {
        let (height, place) = tlog::split_stored_hash_index(position);
        let (level, within) = (height / 8, height % 8);
        let index = place >> (8 - within);
        let tile = self.tile(level, index)?;
        let from = usize::try_from((place << within) % u64::from(FULL_WIDTH))
            .map_err(|_| tlog::Error::BadMath)?;
        let below = tile
            .get(from..from + (1 << within))
            .ok_or(tlog::Error::IndexesNotInTree)?;
        subtree_root(below.to_vec()).ok_or(tlog::Error::BadMath)
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, tlog::Error> {
        if let Some(tile) = self.tiles.borrow().get(&(level, index)) {
            return Ok(tile.clone());
        }
        let width = partial_width(self.size, level, index);
        if width == 0 {
            return Err(tlog::Error::IndexesNotInTree);
        }
        match read_tile(self.source, level, index, width) {
            Ok(tile) => {
                let tile: Vec<Hash> = hashes(&tile).collect();
                self.tiles.borrow_mut().insert((level, index), tile.clone());
                Ok(tile)
            }
            Err(error) => {
                *self.failure.borrow_mut() = Some(error);
                Err(tlog::Error::InvalidTile)
            }
        }
    }
}

impl<S: TileSource + ?Sized> tlog::HashReader for Reader<'_, S> {
    /// Answers one hash for each position or an error, never another number: `tlog_tiles` panics
    /// on a reader that miscounts.
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        positions
            .iter()
            .map(|position| self.hash(*position).map(Into::into))
            .collect()
    }
}
