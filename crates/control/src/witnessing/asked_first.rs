//! Witnesses asked before a store is taken up or put in place: one that knows more than the store holds shows that the
//! store was wound back, while nothing has been added to it yet.

use std::sync::Arc;

use locum_catalog::Bundle;
use locum_domain::{Aggregate, Stream, WitnessStanding};
use locum_tlog::{EMPTY_ROOT, LedgerKey, TrustPolicy, verify_checkpoint};
use tokio::task::JoinSet;

use super::ask::{Shown, ask};
use super::round::RoundError;
use super::standing::{Standing, standings};
use super::{WitnessSettings, tell};
use crate::ports::{Store, StoreError, Witnesses};

/// What a witness says of a store that nobody serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFirst {
    /// The name of its key.
    pub witness: String,
    pub says: WitnessStanding,
}

/// Shows the store's newest checkpoint to every witness of these policies, all at once. A store without entries may be
/// one that was emptied: it shows a checkpoint over nothing.
///
/// # Errors
/// When the store gives no answer, or its checkpoint is not signed by `key`.
pub async fn ask_first(
    witnesses: &Arc<dyn Witnesses>,
    store: &Arc<dyn Store>,
    key: &LedgerKey,
    policies: &[TrustPolicy],
) -> Result<Vec<AskedFirst>, RoundError> {
    let note = store.checkpoint().await?;
    let note = note.unwrap_or_else(|| key.sign_checkpoint(0, EMPTY_ROOT));
    let entries = verify_checkpoint(&note, key.verifier_key())?.size();
    let shown = Shown { note, entries };
    let mut known: Vec<Standing> = Vec::new();
    for standing in policies.iter().flat_map(standings) {
        if known.iter().all(|it| it.key != standing.key) {
            known.push(standing);
        }
    }
    let mut asked = JoinSet::new();
    for standing in known {
        let (witnesses, store, shown) = (Arc::clone(witnesses), Arc::clone(store), shown.clone());
        asked.spawn(async move {
            let heard = ask(&*witnesses, &*store, &standing, &shown).await;
            heard.map(|heard| (standing, heard))
        });
    }
    let mut all = Vec::new();
    while let Some(heard) = asked.join_next().await {
        let (standing, heard) = heard??;
        tell(&standing, &heard.says);
        all.push(AskedFirst {
            witness: standing.key.name().to_owned(),
            says: heard.says,
        });
    }
    all.sort_by(|one, other| one.witness.cmp(&other.witness));
    Ok(all)
}

/// The rule for witnesses that the store says was applied. It is read without proof: who could change it there could
/// take the whole store away.
///
/// # Errors
/// When the store gives no answer.
pub async fn recorded_rule(store: &dyn Store) -> Result<Option<WitnessSettings>, StoreError> {
    let Some(Aggregate::Governance(governance)) = store.load(&Stream::Governance).await?.state
    else {
        return Ok(None);
    };
    let applied = governance.in_force;
    let bundle = Bundle::recorded(applied.files, applied.settings);
    let rule = bundle
        .ok()
        .and_then(|bundle| WitnessSettings::read(bundle.settings.witnesses.as_ref()).ok());
    Ok(rule)
}
