//! Checking proofs. Needs no tiles, no network and no trust in who made them.

use tlog_tiles::tlog;

use crate::MAX_SIZE;
use crate::hash::{EMPTY_ROOT, Hash};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    OutsideTree {
        /// The leaf spoken of.
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
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// Checks that `leaf` is leaf `index` of the tree of `size` leaves with this root
/// (RFC 6962, section 2.1.1).
///
/// # Errors
/// [`ProofError`] when it is not shown.
pub fn verify_inclusion(
    proof: &[Hash],
    size: u64,
    root: Hash,
    index: u64,
    leaf: Hash,
) -> Result<(), ProofError> {
    if size > MAX_SIZE {
        return Err(ProofError::TooLarge(size));
    }
    if index >= size {
        return Err(ProofError::OutsideTree { index, size });
    }
    tlog::check_record(&convert(proof), size, root.into(), index, leaf.into())
        .map_err(|_| ProofError::Mismatch)
}

/// Checks that the tree of `old` leaves is the beginning of the tree of `new`
/// (RFC 6962, section 2.1.2). From the empty tree, or from the tree to itself, the only proof is
/// the empty one.
///
/// # Errors
/// [`ProofError`] when it is not shown.
pub fn verify_consistency(
    proof: &[Hash],
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
) -> Result<(), ProofError> {
    if new > MAX_SIZE {
        return Err(ProofError::TooLarge(new));
    }
    if old > new {
        return Err(ProofError::NotOlder { old, new });
    }
    if old == 0 {
        // RFC 6962 has no such proof: every log begins with the empty tree.
        let is_new_root_known = new > 0 || new_root == EMPTY_ROOT;
        return match proof.is_empty() && old_root == EMPTY_ROOT && is_new_root_known {
            true => Ok(()),
            false => Err(ProofError::Mismatch),
        };
    }
    tlog::check_tree(&convert(proof), new, new_root.into(), old, old_root.into())
        .map_err(|_| ProofError::Mismatch)
}

fn convert(proof: &[Hash]) -> Vec<tlog::Hash> {
    proof.iter().copied().map(Into::into).collect()
}
