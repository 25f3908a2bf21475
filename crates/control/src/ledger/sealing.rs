//! Turns accepted events into ledger rows and a signed checkpoint, inside the store's transaction.

use std::sync::{Arc, Mutex, PoisonError};

use locum_domain::Happened;
use locum_record::{Entry, Payload, canonical};
use locum_tlog::{LedgerKey, Tree, leaf_hash};

use crate::ports::{Entropy, FullTile, LedgerRow, Sealed, Sealer};

/// Seals one commit on a copy of the tree. The copy becomes the tree only when the commit stands.
pub(crate) struct LedgerSealer {
    pub(crate) tree: Tree,
    pub(crate) key: Arc<LedgerKey>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Where the grown tree is left for whoever sees the commit succeed.
    pub(crate) grown: Arc<Mutex<Option<Tree>>>,
}

impl Sealer for LedgerSealer {
    fn seal(&mut self, from: u64, events: &[Happened]) -> Result<Sealed, String> {
        if self.tree.size() != from {
            return Err(format!(
                "the tree has {} leaves, the store {from} entries",
                self.tree.size()
            ));
        }
        let mut rows = Vec::with_capacity(events.len());
        let mut tiles = Vec::new();
        for (happened, position) in events.iter().zip(from..) {
            let body = canonical(&happened.event).map_err(|error| error.to_string())?;
            let payload = Payload {
                salt: self.entropy.bytes(),
                body,
            };
            let entry = Entry::new(happened.event.kind(), happened.at, payload.commitment())
                .and_then(|entry| entry.to_bytes())
                .map_err(|error| error.to_string())?;
            let full = self.tree.append(leaf_hash(&entry));
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
            });
        }
        let checkpoint = self.key.sign_checkpoint(self.tree.size(), self.tree.root());
        *self.grown.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tree.clone());
        Ok(Sealed {
            rows,
            tiles,
            checkpoint,
        })
    }
}
