//! What the world outside was told, held against the ledger as it is in the end.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::ledger::verify_ledger;
use locum_control::ports::Store;
use locum_domain::Event;
use locum_tlog::{Hash, LedgerKey, Tree, leaf_hash, verify_checkpoint};

/// Everything that somebody relies on.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Records whose senders were told that they are durable.
    pub(crate) acknowledged: BTreeSet<String>,
    /// Decisions that were answered: their place and their count.
    pub(crate) decided: BTreeMap<u64, u64>,
    published: BTreeMap<u64, Hash>,
}

impl Books {
    /// Somebody reads the newest checkpoint, and keeps it.
    pub(crate) async fn see(&mut self, store: &dyn Store, key: &LedgerKey) -> Result<(), String> {
        let Some(note) = store.checkpoint().await.map_err(|it| it.to_string())? else {
            return Ok(());
        };
        let signed =
            verify_checkpoint(&note, key.verifier_key()).map_err(|error| error.to_string())?;
        match self.published.insert(signed.size(), signed.root()) {
            Some(root) if root != signed.root() => {
                Err(format!("two checkpoints over {} entries", signed.size()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn checkpoints(&self) -> usize {
        self.published.len()
    }

    /// Judges the ledger, from which nothing is waiting to be sequenced any more.
    pub(crate) async fn check(&self, store: &dyn Store, key: &LedgerKey) -> Result<(), String> {
        let findings = verify_ledger(store, key.verifier_key())
            .await
            .map_err(|error| error.to_string())?;
        if !findings.faults.is_empty() {
            return Err(format!("the ledger does not verify: {:?}", findings.faults));
        }
        let mut tree = Tree::new();
        let mut recorded = BTreeSet::new();
        let mut published = self.published.clone();
        for row in store.rows(0, u32::MAX).await.map_err(|it| it.to_string())? {
            let _full = tree.append(leaf_hash(&row.entry));
            if let Some(root) = published.remove(&tree.size())
                && root != tree.root()
            {
                return Err(format!(
                    "the checkpoint over {} is contradicted",
                    tree.size()
                ));
            }
            let event: Event = serde_json::from_slice(&row.payload().event().unwrap()).unwrap();
            match event {
                Event::AccessAdmitted(admitted)
                    if !recorded.insert(admitted.record.to_string()) =>
                {
                    return Err(format!("{} has two places", admitted.record));
                }
                Event::StrangersRefused { count, .. }
                    if self
                        .decided
                        .get(&row.position)
                        .is_some_and(|it| *it != count) =>
                {
                    return Err(format!("another decision stands at {}", row.position));
                }
                _ => {}
            }
        }
        published.remove(&0);
        if let Some((size, _)) = published.first_key_value() {
            return Err(format!(
                "a checkpoint over {size} entries, and there are {}",
                tree.size()
            ));
        }
        if let Some(place) = self.decided.keys().find(|place| **place >= tree.size()) {
            return Err(format!("the decision at {place} is gone"));
        }
        let missing: Vec<_> = self.acknowledged.difference(&recorded).collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(format!("acknowledged and gone: {missing:?}")),
        }
    }
}
