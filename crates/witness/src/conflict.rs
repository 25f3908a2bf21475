//! What convicts a ledger: two checkpoints of one size, both signed by it, with different roots.

use locum_tlog::{Checkpoint, Hash};

use crate::memory::{Memory, Remembered, origin_hash};

/// Tells that a ledger did not show its checkpoint to continue the one before.
///
/// Two roots of one size are proof to anybody: both notes are kept beside the memory. A larger
/// tree with a proof that fails is none, since a stranger can send a ledger's checkpoint with a
/// proof of his own.
pub(crate) fn tell(memory: &Memory, before: &Remembered, note: &str, shown: &Checkpoint) {
    let (origin, cosigned) = (shown.origin(), before.claim.size);
    if shown.size() != cosigned {
        tracing::warn!(
            origin,
            cosigned,
            shown = shown.size(),
            "a checkpoint came without proof that it continues the one before"
        );
        return;
    }
    let name = file_name(origin, cosigned, shown.root());
    let kept = memory.keep(&name, &format!("{}\n{note}", before.note));
    if let Err(error) = &kept {
        tracing::error!(%error, "the proof of a split view cannot be kept");
    }
    tracing::error!(
        origin,
        size = cosigned,
        cosigned_root = %before.claim.root,
        shown_root = %shown.root(),
        kept = kept.is_ok().then_some(name),
        "split view: the ledger signed two histories of one size"
    );
}

fn file_name(origin: &str, size: u64, root: Hash) -> String {
    format!("{}-{size}-{root}.conflict", origin_hash(origin))
}
