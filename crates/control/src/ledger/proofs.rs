//! Tiles out of the store and the tree's right edge, and proofs over them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use locum_tlog::{Hash, ProveError, TileError, TileSource, Tree, leaf_hash};

use crate::ports::{Store, StoreError};

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProofFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Prove(#[from] ProveError),
}

/// A tile's place, with the hashes wanted of it.
type Wanted = (u8, u64, u16);

/// The ledger's tiles at one size. Tiles are fetched as proofs ask for them and kept, so that proving is
/// synchronous and reading is not.
pub struct LedgerTiles<'s> {
    store: &'s dyn Store,
    size: u64,
    held: BTreeMap<Wanted, Vec<u8>>,
}

struct Held<'h> {
    held: &'h BTreeMap<Wanted, Vec<u8>>,
    missing: RefCell<Option<Wanted>>,
}

impl TileSource for Held<'_> {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<u8>, TileError> {
        let wanted = (level, index, width);
        self.held.get(&wanted).cloned().ok_or_else(|| {
            // The first one: after it the reader asks for stand-ins, which may not exist.
            self.missing.borrow_mut().get_or_insert(wanted);
            TileError::Absent {
                level,
                index,
                width,
            }
        })
    }
}

impl<'s> LedgerTiles<'s> {
    /// The tiles of the ledger's first `size` entries.
    pub fn at(store: &'s dyn Store, size: u64) -> Self {
        Self {
            store,
            size,
            held: BTreeMap::new(),
        }
    }

    /// The hashes that lead from entry `position` to the root.
    ///
    /// # Errors
    /// When the entry is beyond the size or the store gives no answer.
    pub async fn inclusion(&mut self, position: u64) -> Result<Vec<Hash>, ProofFailure> {
        let size = self.size;
        self.with_tiles(|source| locum_tlog::inclusion_proof(source, size, position))
            .await
    }

    /// The hashes that show the first `old` entries to be the beginning.
    ///
    /// # Errors
    /// As [`LedgerTiles::inclusion`].
    pub async fn consistency(&mut self, old: u64) -> Result<Vec<Hash>, ProofFailure> {
        let size = self.size;
        self.with_tiles(|source| locum_tlog::consistency_proof(source, old, size))
            .await
    }

    /// The tree as it stood at this size.
    ///
    /// # Errors
    /// When the store gives no answer or lacks a tile.
    pub async fn tree(&mut self) -> Result<Tree, ProofFailure> {
        let size = self.size;
        self.with_tiles(|source| {
            Tree::from_full_tiles_and_tail(size, source).map_err(ProveError::Tile)
        })
        .await
    }

    /// The first `width` hashes of a tile, as the log serves it.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn tile(
        &mut self,
        level: u8,
        index: u64,
        width: u16,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.fetch((level, index, width)).await
    }

    async fn with_tiles<T>(
        &mut self,
        prove: impl Fn(&dyn TileSource) -> Result<T, ProveError>,
    ) -> Result<T, ProofFailure> {
        loop {
            let source = Held {
                held: &self.held,
                missing: RefCell::new(None),
            };
            let outcome = prove(&source);
            match (outcome, source.missing.into_inner()) {
                (Ok(proof), _) => return Ok(proof),
                (Err(error), None) => return Err(error.into()),
                (Err(error), Some(wanted)) => match self.fetch(wanted).await? {
                    Some(bytes) => {
                        self.held.insert(wanted, bytes);
                    }
                    None => return Err(error.into()),
                },
            }
        }
    }

    async fn fetch(&self, (level, index, width): Wanted) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(mut full) = self.store.full_tile(level, index).await? {
            full.truncate(usize::from(width) * locum_tlog::HASH_BYTES);
            return Ok(Some(full));
        }
        if level > 0 {
            return self.partial(level, index, width).await;
        }
        let entries = self
            .store
            .entries(index.saturating_mul(256), u32::from(width))
            .await?;
        if entries.len() != usize::from(width) {
            return Ok(None);
        }
        Ok(Some(
            entries
                .iter()
                .flat_map(|entry| *leaf_hash(entry).as_bytes())
                .collect(),
        ))
    }

    /// A tile above level 0 that is not full yet: each hash is the root of a full tile below.
    async fn partial(
        &self,
        level: u8,
        index: u64,
        width: u16,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = Vec::new();
        for below in 0..u64::from(width) {
            let place = index.saturating_mul(256).saturating_add(below);
            let Some(tile) = self.store.full_tile(level.saturating_sub(1), place).await? else {
                return Ok(None);
            };
            let Some(root) = locum_tlog::full_tile_root(&tile) else {
                return Err(StoreError::Corrupt(format!(
                    "tile {place} of level {} is cut",
                    level - 1
                )));
            };
            bytes.extend_from_slice(root.as_bytes());
        }
        Ok(Some(bytes))
    }
}
