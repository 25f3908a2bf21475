//! R24: a ledger that lost signed entries goes on as another epoch, under another origin. The pack says how each began.

use locum_domain::{Event, Recorded, Restoration};
use locum_record::instant;
use locum_tlog::{Checkpoint, VerifierKey, epoch_of, epoch_origin};

use crate::story::Finding;

/// Why a pack is of an epoch that the ledger did not come to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EpochFault {
    #[error(
        "the checkpoint is of `{0}`, and no entry in the pack says how that epoch of the ledger began"
    )]
    Unbegun(String),
    #[error("entry {0} restores the record of another ledger, or of another moment")]
    Elsewhere(u64),
    #[error("entry {0} begins an epoch that does not follow, or that lost nothing")]
    Unfollowing(u64),
}

/// The key by which a checkpoint of this ledger is verified that is of the same epoch or of an earlier one.
pub(crate) fn key_of(note: &str, key: &VerifierKey) -> VerifierKey {
    let origin = Checkpoint::parse_unverified(note).map(|claim| claim.origin);
    let number = origin.map_or(1, |origin| epoch_of(&origin).1);
    match number < epoch_of(key.name()).1 {
        true => key.of_epoch(number).unwrap_or_else(|_| key.clone()),
        false => key.clone(),
    }
}

/// Follows the restores from the ledger's own origin to the one that signed the pack.
///
/// # Errors
/// [`EpochFault`] when they do not lead there.
pub(crate) fn check(events: &[Recorded], origin: &str) -> Result<(), EpochFault> {
    let (base, _) = epoch_of(origin);
    let mut current = base.to_owned();
    for (position, restoration) in restores(events) {
        let from = Checkpoint::parse_unverified(&restoration.checkpoint);
        // It is the first entry after those that were restored.
        let is_here = from.is_ok_and(|from| from.origin == current && from.size == position);
        if !is_here {
            return Err(EpochFault::Elsewhere(position));
        }
        if let Some(epoch) = &restoration.epoch {
            let follows = epoch.number > epoch_of(&current).1
                && epoch.origin == epoch_origin(base, epoch.number)
                && epoch.kept == position
                && !epoch.lost.is_empty()
                && epoch.lost.iter().all(|it| it.entries > epoch.kept);
            if !follows {
                return Err(EpochFault::Unfollowing(position));
            }
            current = epoch.origin.clone();
        }
    }
    match current == origin {
        true => Ok(()),
        false => Err(EpochFault::Unbegun(origin.to_owned())),
    }
}

/// What was lost after the event was filed may have been of it.
pub(crate) fn findings(filed: u64, events: &[Recorded]) -> Vec<Finding> {
    let after = restores(events).filter(|(position, _)| *position > filed);
    let lost = after.filter_map(|(position, restoration)| {
        let epoch = restoration.epoch.as_ref()?;
        let at = instant::to_text(restoration.at);
        let because = restoration.reason.as_ref().map(|it| format!(", because: {it}"));
        let number = epoch.number;
        let lost = match epoch.entries_lost() {
            1 => "1 entry that was signed before is".to_owned(),
            more => format!("{more} entries that were signed before are"),
        };
        Some(Finding {
            code: "record-restored".to_owned(),
            sentence: format!(
                "The record was restored from a back-up on {at} and goes on as epoch {number}{}. At least {lost} lost.",
                because.unwrap_or_default()
            ),
            position: Some(position),
        })
    });
    lost.collect()
}

fn restores(events: &[Recorded]) -> impl Iterator<Item = (u64, &Restoration)> {
    events.iter().filter_map(|recorded| match &recorded.event {
        Event::Restored { restoration } => Some((recorded.position, &**restoration)),
        _ => None,
    })
}
