//! What the world outside knows, and the store that a sequencer would write to.

use std::collections::BTreeSet;

use locum_tlog::{Hash, Tree, leaf_hash};

use super::super::mark::{Mark, Taken};

/// Leaves and mark, in one transaction or not at all: it is the store's own tests that say so of the real one.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Records in their places.
    pub(super) leaves: Vec<u32>,
    pub(super) mark: Option<Mark>,
    tree: Tree,
    /// Every checkpoint that anybody could have seen.
    published: Vec<(u64, Hash)>,
    /// Records whose senders were told that they are durable.
    pub(super) acknowledged: BTreeSet<u32>,
}

impl Books {
    /// Gives records their places and publishes a checkpoint over them.
    pub(super) fn commit(&mut self, records: &[Taken]) -> Result<(), String> {
        for record in records {
            if Some(record.mark) <= self.mark {
                return Err(format!("{:?} has its place already", record.mark));
            }
            self.mark = Some(record.mark);
            self.leaves.push(number_of(&record.bytes));
            let _full = self.tree.append(leaf_hash(&record.bytes));
        }
        self.published.push((self.tree.size(), self.tree.root()));
        Ok(())
    }

    /// Nothing acknowledged is missing, nothing is there twice or out of order, and no checkpoint is contradicted.
    pub(super) fn check(&self, waiting: &[Taken]) -> Result<(), String> {
        let waiting: Vec<u32> = waiting
            .iter()
            .filter(|taken| Some(taken.mark) > self.mark)
            .map(|taken| number_of(&taken.bytes))
            .collect();
        let all = [self.leaves.as_slice(), &waiting].concat();
        if !all.is_sorted_by(|one, next| one < next) {
            return Err(format!("out of order, or twice: {all:?}"));
        }
        let found: BTreeSet<u32> = all.iter().copied().collect();
        let missing: Vec<_> = self.acknowledged.difference(&found).collect();
        if !missing.is_empty() {
            return Err(format!("acknowledged and gone: {missing:?} of {all:?}"));
        }
        Ok(())
    }

    /// Every checkpoint that was ever seen is one of a prefix of the leaves as they are now.
    pub(super) fn check_published(&self, record: impl Fn(u32) -> Vec<u8>) -> Result<(), String> {
        let mut tree = Tree::new();
        let mut leaves = self.leaves.iter();
        for (size, root) in &self.published {
            while tree.size() < *size {
                let number = *leaves
                    .next()
                    .ok_or("a checkpoint over more than there is")?;
                let _full = tree.append(leaf_hash(&record(number)));
            }
            if tree.size() != *size || tree.root() != *root {
                return Err(format!("the checkpoint over {size} is contradicted"));
            }
        }
        Ok(())
    }
}

/// The record's number, which its bytes begin with.
fn number_of(record: &[u8]) -> u32 {
    let digits = record.get(..6).unwrap();
    std::str::from_utf8(digits).unwrap().parse().unwrap()
}
