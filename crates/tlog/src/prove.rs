//! Making proofs from tiles.

use tlog_tiles::tlog;

use crate::MAX_SIZE;
use crate::hash::{EMPTY_ROOT, Hash};
use crate::read::{Reader, read_tile};
use crate::tile::{FULL_WIDTH, TileError, TileSource, hashes, partial_width};

/// Why no proof could be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    OutsideTree {
        /// The leaf asked for.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The older tree would be the larger one.
    #[error("a tree of {old} is no beginning of a tree of {new}")]
    NotOlder {
        /// Leaves in the tree said to be older.
        old: u64,
        /// Leaves in the tree said to be newer.
        new: u64,
    },
    /// No log grows this far.
    #[error("a tree of {0} is larger than any log")]
    TooLarge(u64),
    /// A tile could not be had.
    #[error("a tile is missing or wrong")]
    Tile(#[from] TileError),
    /// The arithmetic refused for another reason.
    #[error("the proof could not be computed")]
    Compute(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The hashes that lead from leaf `index` to the root of the tree of `size` leaves
/// (RFC 6962, section 2.1.1).
///
/// The proof is as good as the tiles: check it with [`crate::verify_inclusion`] before handing
/// it out.
///
/// # Errors
/// [`ProveError`] when the leaf is outside the tree or a tile cannot be had.
pub fn inclusion_proof<S: TileSource + ?Sized>(
    source: &S,
    size: u64,
    index: u64,
) -> Result<Vec<Hash>, ProveError> {
    within_limits(size)?;
    if index >= size {
        return Err(ProveError::OutsideTree { index, size });
    }
    let reader = Reader::new(source, size);
    let proof = tlog::prove_record(size, index, &reader);
    finish(reader, proof).map(convert)
}

/// The hashes that show the tree of `old` leaves to be the beginning of the tree of `new`
/// (RFC 6962, section 2.1.2). Empty when `old` is 0 or equals `new`.
///
/// # Errors
/// [`ProveError`] when `old` is larger than `new` or a tile cannot be had.
pub fn consistency_proof<S: TileSource + ?Sized>(
    source: &S,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProveError> {
    within_limits(new)?;
    if old > new {
        return Err(ProveError::NotOlder { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let reader = Reader::new(source, new);
    let proof = tlog::prove_tree(new, old, &reader);
    finish(reader, proof).map(convert)
}

/// The root of the tree of `size` leaves, from tiles.
///
/// # Errors
/// [`ProveError`] when a tile cannot be had.
pub fn root_of<S: TileSource + ?Sized>(source: &S, size: u64) -> Result<Hash, ProveError> {
    within_limits(size)?;
    if size == 0 {
        return Ok(EMPTY_ROOT);
    }
    let reader = Reader::new(source, size);
    let root = tlog::tree_hash(size, &reader);
    finish(reader, root).map(Into::into)
}

/// The hash of leaf `index` of the tree of `size` leaves, from level 0.
///
/// # Errors
/// [`ProveError`] when the leaf is outside the tree or its tile cannot be had.
pub fn leaf_hash_at<S: TileSource + ?Sized>(
    source: &S,
    size: u64,
    index: u64,
) -> Result<Hash, ProveError> {
    let outside = ProveError::OutsideTree { index, size };
    if index >= size {
        return Err(outside);
    }
    let tile = index / u64::from(FULL_WIDTH);
    let place = usize::try_from(index % u64::from(FULL_WIDTH)).unwrap_or(usize::MAX);
    let bytes = read_tile(source, 0, tile, partial_width(size, 0, tile))?;
    hashes(&bytes).nth(place).ok_or(outside)
}

fn within_limits(size: u64) -> Result<(), ProveError> {
    if size > MAX_SIZE {
        return Err(ProveError::TooLarge(size));
    }
    Ok(())
}

fn finish<S: TileSource + ?Sized, T>(
    reader: Reader<'_, S>,
    result: Result<T, tlog::Error>,
) -> Result<T, ProveError> {
    result.map_err(|error| match reader.into_failure() {
        Some(tile) => ProveError::Tile(tile),
        None => ProveError::Compute(Box::new(error)),
    })
}

fn convert(proof: Vec<tlog::Hash>) -> Vec<Hash> {
    proof.into_iter().map(Into::into).collect()
}
