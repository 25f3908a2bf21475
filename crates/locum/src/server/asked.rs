//! Witnesses asked before the ledger is taken up.

use std::sync::Arc;

use locum_catalog::settings;
use locum_connectors::{HttpWitnesses, Limits, WebClient};
use locum_control::ports::{Store, Witnesses};
use locum_control::witnessing::{AskedFirst, WitnessSettings, ask_first, recorded_rule};
use locum_domain::WitnessStanding;
use locum_tlog::{LedgerKey, TrustPolicy};

use super::{StartFailure, WITNESS_LIMITS};
use crate::wiring::REMEDY;

/// A client that waits for no witness longer than a second.
pub(crate) fn asked_briefly() -> Result<HttpWitnesses, locum_connectors::SettingsError> {
    Ok(HttpWitnesses::new(WebClient::new(Limits {
        ..WITNESS_LIMITS
    })?))
}

/// What every witness of the files and of the record says of the store as it lies there, each asked once.
///
/// # Errors
/// When the store gives no answer, or what is configured does not read.
pub(crate) async fn witnesses_of(
    store: &Arc<dyn Store>,
    key: &LedgerKey,
    stated: Option<&settings::Witnesses>,
) -> Result<Vec<AskedFirst>, StartFailure> {
    let stated = WitnessSettings::read(stated).map_err(StartFailure::Witnesses)?;
    let recorded = recorded_rule(&**store).await?;
    let policies: Vec<TrustPolicy> = std::iter::once(stated)
        .chain(recorded)
        .map(|rule| rule.policy)
        .collect();
    let witnesses: Arc<dyn Witnesses> = Arc::new(asked_briefly()?);
    ask_first(&witnesses, store, key, &policies)
        .await
        .map_err(StartFailure::Asked)
}

/// Refuses a store of which a witness knows more, or another history. One that is silent is the rule's to judge, while
/// the server runs.
pub(super) fn none_knows_more(heard: &[AskedFirst]) -> Result<(), StartFailure> {
    for AskedFirst { witness, says } in heard {
        match says {
            WitnessStanding::Ahead { cosigned, entries } => {
                return Err(StartFailure::Witnessed(format!(
                    "the store was wound back: it ends after {entries} entries, and the witness {witness} cosigned \
                     {cosigned}, so {} are lost. {REMEDY}",
                    cosigned.saturating_sub(*entries)
                )));
            }
            WitnessStanding::Disagrees { cosigned, .. } => {
                return Err(StartFailure::Witnessed(format!(
                    "the store tells another history than the one whose first {cosigned} entries the witness {witness} \
                     cosigned. Keep everything as evidence: somebody put another store in place, or signed with the \
                     ledger's key elsewhere"
                )));
            }
            WitnessStanding::Cosigns | WitnessStanding::Silent { .. } => {}
        }
    }
    Ok(())
}
