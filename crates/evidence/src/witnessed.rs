//! Checkpoints that witnesses had signed when a session across applications began: each stands in the ledger itself, and a
//! proof leads from it to the pack's own.

use std::collections::BTreeMap;

use locum_domain::{Event, Recorded};
use locum_tlog::{
    Checkpoint, Hash, VerifierKey, parse_consistency, verify_checkpoint, verify_consistency,
};

use crate::epochs::key_of;
use crate::pack::{PackError, Source};

/// One such checkpoint, shown to be of the pack's own history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Witnessed {
    /// Where the ledger says so.
    pub(crate) position: u64,
    /// The signed note, verbatim.
    pub(crate) note: String,
    /// Entries under it.
    pub(crate) entries: u64,
}

/// The witnessed checkpoints of the pack, and the proof from each to the pack's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beginnings {
    pub(crate) witnessed: Vec<Witnessed>,
    /// By the number of entries.
    pub(crate) proofs: BTreeMap<u64, Vec<Hash>>,
}

/// How many entries a checkpoint says it is over, by its own word.
pub(crate) fn entries_of(note: &str) -> Option<u64> {
    note.lines().nth(1)?.parse().ok()
}

/// How many entries each witnessed checkpoint is over that these events carry: a pack holds a consistency proof from
/// each.
pub fn witnessed_sizes(events: &[Recorded]) -> Vec<u64> {
    let notes = events.iter().filter_map(|recorded| match &recorded.event {
        Event::SessionWitnessed { checkpoint, .. } => entries_of(checkpoint),
        _ => None,
    });
    notes.collect()
}

impl Beginnings {
    /// Checks every witnessed checkpoint among the events: the ledger signed it, it was over no more than what stood
    /// before it was recorded, and it is of the same history as the pack's.
    ///
    /// # Errors
    /// [`PackError`] says what does not hold.
    pub(crate) fn open(
        events: &[Recorded],
        key: &VerifierKey,
        now: &Checkpoint,
        source: &mut impl Source,
    ) -> Result<Self, PackError> {
        let mut found = Self::default();
        for recorded in events {
            let Event::SessionWitnessed { checkpoint, .. } = &recorded.event else {
                continue;
            };
            let position = recorded.position;
            let then = verify_checkpoint(checkpoint, &key_of(checkpoint, key))
                .map_err(|error| PackError::Witnessed(position, error))?;
            let entries = then.size();
            if entries > position {
                return Err(PackError::WitnessedTooEarly(position));
            }
            let proof = source.consistency(entries)?;
            let text = std::str::from_utf8(&proof).ok();
            let proof = text.and_then(|text| parse_consistency(text).ok());
            let proof = proof.ok_or(PackError::OtherHistory(position))?;
            verify_consistency(&proof, entries, then.root(), now.size(), now.root())
                .map_err(|_| PackError::OtherHistory(position))?;
            found.proofs.insert(entries, proof);
            found.witnessed.push(Witnessed {
                position,
                note: checkpoint.clone(),
                entries,
            });
        }
        Ok(found)
    }
}
