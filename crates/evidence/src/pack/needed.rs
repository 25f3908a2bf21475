//! Which bundles and tiles prove entries under a checkpoint.

use std::collections::BTreeSet;

use locum_tlog::{FULL_WIDTH, TilePath, partial_width};

/// The highest level that a tree of 2⁶⁴ entries could have a tile at.
const LEVELS: u8 = 8;

/// The entry bundles and tiles that a pack over these positions holds, for a ledger of `size` entries: the
/// bundle of every position, the tiles above it, and the unfinished tile at the right edge of every level.
/// At level 0 a bundle takes the tile's place. Positions beyond the size need nothing.
pub fn needed(size: u64, positions: impl IntoIterator<Item = u64>) -> Vec<TilePath> {
    let within = positions.into_iter().filter(|position| *position < size);
    let mut indexes: BTreeSet<u64> = within
        .map(|position| position / u64::from(FULL_WIDTH))
        .collect();
    let mut paths: Vec<TilePath> = indexes
        .iter()
        .map(|index| TilePath::Entries {
            index: *index,
            width: partial_width(size, 0, *index),
        })
        .collect();
    for level in 0..LEVELS {
        let edge = size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
        let is_bundled = level == 0 && indexes.contains(&edge);
        let above: Vec<u64> = if level == 0 {
            Vec::new()
        } else {
            indexes.iter().copied().collect()
        };
        let edge = Some(edge).filter(|edge| !is_bundled && !above.contains(edge));
        for index in above.into_iter().chain(edge) {
            let width = partial_width(size, level, index);
            if width > 0 {
                paths.push(TilePath::Hashes {
                    level,
                    index,
                    width,
                });
            }
        }
        indexes = indexes
            .iter()
            .map(|index| index / u64::from(FULL_WIDTH))
            .collect();
    }
    paths
}
