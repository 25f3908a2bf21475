//! Turns accepted events into ledger rows and a signed checkpoint, inside the store's transaction.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use locum_domain::Happened;
use locum_record::{Entry, Payload};
use locum_tlog::{LedgerKey, Tree, leaf_hash};

use super::chains::Grown;
use super::head::Head;
use crate::ports::{Entropy, FullTile, LedgerRow, Sealed, Sealer};

/// Seals one commit on a copy of the tree, and beside the events' chains. They become the head's only when the commit
/// stands.
pub(crate) struct LedgerSealer {
    pub(crate) tree: Tree,
    /// Where the chains stand that this commit continues.
    pub(crate) head: Arc<RwLock<Head>>,
    pub(crate) key: Arc<LedgerKey>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Where the grown tree and chains are left for whoever sees the commit succeed.
    pub(crate) grown: Arc<Mutex<Option<(Tree, Grown)>>>,
}

impl Sealer for LedgerSealer {
    fn seal(&mut self, from: u64, events: &[Happened]) -> Result<Sealed, String> {
        if self.tree.size() != from {
            return Err(format!(
                "the tree has {} leaves, the store {from} entries",
                self.tree.size()
            ));
        }
        let head = self.head.read().unwrap_or_else(PoisonError::into_inner);
        let mut grown = Grown::default();
        let mut rows = Vec::with_capacity(events.len());
        let mut tiles = Vec::new();
        for (happened, position) in events.iter().zip(from..) {
            let places = happened.event.personal(&happened.stream);
            let salt = self.entropy.bytes();
            let payload = Payload::of(&happened.event, places, salt, || self.entropy.bytes())
                .map_err(|error| error.to_string())?;
            let commitment = payload.commitment().map_err(|error| error.to_string())?;
            let place = head.chains.place(&grown, &happened.stream, &happened.event);
            let entry = Entry::new(happened.event.kind(), happened.at, commitment)
                .and_then(|entry| entry.placed(place).to_bytes())
                .map_err(|error| error.to_string())?;
            let leaf = leaf_hash(&entry);
            if let Some(place) = place {
                grown.prepare(&happened.stream, place, leaf);
            }
            let full = self.tree.append(leaf);
            tiles.extend(full.into_iter().map(|tile| FullTile {
                level: tile.level,
                index: tile.index,
                bytes: tile.bytes,
            }));
            rows.push(LedgerRow {
                position,
                entry,
                stream: happened.stream.clone(),
                salt: payload.salt,
                body: payload.body,
                personal: payload.personal,
            });
        }
        let checkpoint = self.key.sign_checkpoint(self.tree.size(), self.tree.root());
        *self.grown.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((self.tree.clone(), grown));
        Ok(Sealed {
            rows,
            tiles,
            checkpoint,
        })
    }
}
