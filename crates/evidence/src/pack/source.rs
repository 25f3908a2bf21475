//! Where the parts of a pack come from, one bundle at a time.

use std::collections::BTreeMap;

use locum_tlog::{FULL_WIDTH, TilePath, encode_consistency};

use super::{Pack, PackError, PackRow, Rows, layout};

/// The parts of a pack: what was read from an archive, or what one will be made of. Nothing that grows with the
/// number of entries is asked for at once.
pub(crate) trait Source {
    /// An entry bundle or a tile.
    ///
    /// # Errors
    /// [`PackError::Missing`] when it is not there.
    fn part(&mut self, path: TilePath) -> Result<Vec<u8>, PackError>;

    /// The bundles of which entries are disclosed, in ascending order.
    fn bundles(&self) -> Vec<u64>;

    /// The disclosed payloads of one bundle, in ledger order.
    ///
    /// # Errors
    /// [`PackError`] when they cannot be had.
    fn rows(&mut self, bundle: u64) -> Result<Rows, PackError>;

    /// The consistency proof from the tree of so many entries to the pack's checkpoint, as the pack writes it.
    ///
    /// # Errors
    /// [`PackError::Missing`] when it is not there.
    fn consistency(&mut self, entries: u64) -> Result<Vec<u8>, PackError>;
}

/// The bundle that an entry stands in.
pub(super) const fn bundle_of(position: u64) -> u64 {
    position / FULL_WIDTH as u64
}

/// A pack whose parts are all at hand.
pub(super) struct InMemory<'p> {
    pack: &'p Pack,
    rows: BTreeMap<u64, Vec<&'p PackRow>>,
}

impl<'p> InMemory<'p> {
    pub(super) fn of(pack: &'p Pack) -> Self {
        let mut rows: BTreeMap<u64, Vec<&PackRow>> = BTreeMap::new();
        for row in &pack.rows {
            rows.entry(bundle_of(row.position)).or_default().push(row);
        }
        Self { pack, rows }
    }
}

impl Source for InMemory<'_> {
    fn part(&mut self, path: TilePath) -> Result<Vec<u8>, PackError> {
        let part = self.pack.parts.get(&path).cloned();
        part.ok_or_else(|| PackError::Missing(path.to_string()))
    }

    fn bundles(&self) -> Vec<u64> {
        self.rows.keys().copied().collect()
    }

    fn rows(&mut self, bundle: u64) -> Result<Rows, PackError> {
        let rows = self.rows.get(&bundle).into_iter().flatten();
        Ok(Rows::AtHand(rows.map(|row| (*row).clone()).collect()))
    }

    fn consistency(&mut self, entries: u64) -> Result<Vec<u8>, PackError> {
        let proof = self.pack.consistency.get(&entries);
        let proof = proof.ok_or_else(|| PackError::Missing(layout::witnessed(entries)))?;
        Ok(encode_consistency(proof).into_bytes())
    }
}
