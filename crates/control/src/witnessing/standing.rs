//! How each witness stands to the ledger.

use locum_domain::{Timestamp, WitnessStanding};
use locum_tlog::{CosignerKey, TrustPolicy, WitnessVerifier};

/// One witness that can be asked, and what is known of it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What the operator's policy calls it.
    pub name: String,
    pub key: CosignerKey,
    /// Its submission prefix.
    pub url: String,
    /// Entries of the newest checkpoint that it is known to have cosigned; unknown before its first answer.
    pub cosigned: Option<u64>,
    /// What it says, and since when.
    pub says: Option<(WitnessStanding, Timestamp)>,
}

/// The witnesses of a policy that have an address and a key that is understood. The others can be counted by
/// nobody here.
pub(super) fn standings(policy: &TrustPolicy) -> Vec<Standing> {
    let known = policy.witnesses().iter().filter_map(|witness| {
        let WitnessVerifier::Ed25519(key) = &witness.key else {
            return None;
        };
        Some(Standing {
            name: witness.name.clone(),
            key: key.clone(),
            url: witness.url.clone()?,
            cosigned: None,
            says: None,
        })
    });
    known.collect()
}

impl Standing {
    /// Whether this is not what it said last.
    pub(super) fn is_news(&self, says: &WitnessStanding) -> bool {
        !self
            .says
            .as_ref()
            .is_some_and(|(before, _)| before.is_like(says))
    }

    /// Takes up what it says of a checkpoint over so many entries.
    pub(super) fn hear(&mut self, says: WitnessStanding, entries: u64, at: Timestamp) {
        match &says {
            WitnessStanding::Cosigns => self.cosigned = Some(entries),
            WitnessStanding::Ahead { cosigned, .. }
            | WitnessStanding::Disagrees { cosigned, .. } => self.cosigned = Some(*cosigned),
            WitnessStanding::Silent { .. } => {}
        }
        if self.is_news(&says) {
            self.says = Some((says, at));
        }
    }
}
