//! R25: who beside the operator saw the history of a session across applications, before its first request and after
//! its last.

use std::collections::BTreeMap;

use locum_domain::Timestamp;
use locum_tlog::{TrustPolicy, VerifierKey};

use super::witnesses::{self, WitnessesVerified};
use crate::epochs::key_of;
use crate::story::{AccessEvent, Finding};
use crate::witnessed::Witnessed;

/// A witnessed checkpoint over the beginning of a session, with the witnesses who signed it.
pub(super) struct Beginning<'w> {
    pub(super) witnessed: &'w Witnessed,
    pub(super) witnesses: WitnessesVerified,
}

/// Who signed each witnessed checkpoint. One that the policy does not accept is vouched for by nobody here: it does not
/// refuse the pack, for the pack's own checkpoint is what the policy judges.
pub(super) fn beginnings<'w>(
    witnessed: &'w [Witnessed],
    key: &VerifierKey,
    policy: Option<&TrustPolicy>,
) -> Vec<Beginning<'w>> {
    let checked = witnessed.iter().filter_map(|it| {
        let witnesses = witnesses::check(&it.note, &key_of(&it.note, key), policy).ok()?;
        Some(Beginning {
            witnessed: it,
            witnesses,
        })
    });
    checked.collect()
}

/// Every checkpoint of the pack that outside witnesses signed, by the number of entries under it, with the time of the
/// last signature that counts.
pub(super) fn seen(
    beginnings: &[Beginning<'_>],
    size: u64,
    now: &WitnessesVerified,
) -> BTreeMap<u64, Timestamp> {
    let then = beginnings
        .iter()
        .map(|it| (it.witnessed.entries, &it.witnesses));
    let all = then.chain([(size, now)]);
    let seen = all.filter(|(_, witnesses)| witnesses.outside > 0);
    let last = |it: &WitnessesVerified| it.cosigned.iter().map(|it| it.at).max();
    seen.filter_map(|(entries, it)| Some((entries, last(it)?)))
        .collect()
}

/// A session across applications should stand between two checkpoints that witnesses signed. A signature line that nobody
/// checked is no witness: anybody can write one.
pub(super) fn findings(
    story: &AccessEvent,
    beginnings: &[Beginning<'_>],
    now: &WitnessesVerified,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if story.applications.len() < 2 {
        return findings;
    }
    if let Some(told) = &story.witnessed {
        let position = told.line.position;
        let is_seen = |it: &&Beginning<'_>| it.witnessed.position == position;
        let seen = beginnings.iter().find(is_seen);
        if seen.is_none_or(|it| it.witnesses.outside == 0) {
            findings.push(Finding {
                code: "beginning-unchecked".to_owned(),
                sentence: "The session crosses applications, and no witness's signature on the checkpoint over its beginning was checked.".to_owned(),
                position: Some(position),
            });
        }
    }
    if now.outside == 0 {
        findings.push(Finding {
            code: "checkpoint-unwitnessed".to_owned(),
            sentence: "The session crosses applications, and no witness's signature on the checkpoint was checked."
                .to_owned(),
            position: None,
        });
    }
    findings
}
