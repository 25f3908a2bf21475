//! One entry of the ledger, proved from tiles that nobody is trusted for.

use std::cell::Cell;
use std::collections::HashMap;

use locum_tlog::{
    Checkpoint, FULL_WIDTH, ProveError, TileError, TilePath, TileSource, decode_bundle,
    inclusion_proof, leaf_hash, partial_width, verify_inclusion,
};

use super::ReadLedger;

/// A proof needs two tiles of each of at most eight levels.
const MOST_TILES: usize = 16;

/// The entry at a position below the checkpoint's size; `None` when reading failed or what was
/// read does not lead to the checkpoint's root.
pub(super) async fn entry_at(
    reader: &dyn ReadLedger,
    checkpoint: &Checkpoint,
    position: u64,
) -> Option<Vec<u8>> {
    let size = checkpoint.size();
    let width = u64::from(FULL_WIDTH);
    let index = position / width;
    let path = TilePath::Entries {
        index,
        width: partial_width(size, 0, index),
    };
    let bundle = reader.read(path.to_string()).await?;
    let entries = decode_bundle(&bundle).ok()?;
    let entry = *entries.get(usize::try_from(position % width).ok()?)?;
    let mut tiles = Tiles::default();
    for _ in 0..=MOST_TILES {
        match inclusion_proof(&tiles, size, position) {
            Ok(proof) => {
                let leaf = leaf_hash(entry);
                verify_inclusion(&proof, size, checkpoint.root(), position, leaf).ok()?;
                return Some(entry.to_vec());
            }
            Err(ProveError::Tile(TileError::Absent { .. })) => {
                let (level, index, width) = tiles.missing.take()?;
                let path = TilePath::Hashes {
                    level,
                    index,
                    width,
                };
                let tile = reader.read(path.to_string()).await?;
                tiles.read.insert((level, index, width), tile);
            }
            Err(_) => return None,
        }
    }
    None
}

/// What was read, and the first that was asked for and was not.
#[derive(Default)]
struct Tiles {
    read: HashMap<(u8, u64, u16), Vec<u8>>,
    missing: Cell<Option<(u8, u64, u16)>>,
}

impl TileSource for Tiles {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        if let Some(tile) = self.read.get(&(level, index, width)) {
            return Ok(tile.clone());
        }
        if self.missing.get().is_none() {
            self.missing.set(Some((level, index, width)));
        }
        Err(TileError::Absent {
            level,
            index,
            width,
        })
    }
}
