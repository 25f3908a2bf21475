//! Which delegations of what was applied count, and what a start confirms and ends.

use locum_domain::{Aggregate, ApplicationId, Catalog, Delegations, Happened, Stream, Timestamp};

use super::WaitingDelegation;
use crate::control::StartError;
use crate::ledger::{Sequencer, fold};
use crate::ports::Store;

/// The catalog with the delegations that were confirmed, and those that were not.
pub(crate) async fn counted(
    store: &dyn Store,
    sequencer: &Sequencer,
    mut catalog: Catalog,
) -> Result<(Catalog, Vec<WaitingDelegation>), StartError> {
    let mut waiting = Vec::new();
    for application in catalog.applications.values_mut() {
        if application.delegates.is_empty() {
            continue;
        }
        let known = known(store, sequencer, &application.id).await?;
        let written = std::mem::take(&mut application.delegates);
        for delegation in written {
            if known.confirm(&delegation) {
                application.delegates.push(delegation);
            } else {
                waiting.push(WaitingDelegation {
                    application: application.id.clone(),
                    delegation,
                });
            }
        }
    }
    Ok((catalog, waiting))
}

/// The confirmations, by nobody in particular, of every delegation that was not confirmed so far.
pub(crate) async fn to_stand_for(
    store: &dyn Store,
    sequencer: &Sequencer,
    catalog: &Catalog,
    at: Timestamp,
) -> Result<Vec<Happened>, StartError> {
    let mut events = Vec::new();
    for application in catalog.applications.values() {
        if application.delegates.is_empty() {
            continue;
        }
        let known = known(store, sequencer, &application.id).await?;
        let unconfirmed = application.delegates.iter().filter(|it| !known.confirm(it));
        events.extend(unconfirmed.map(|delegation| Happened {
            stream: Stream::Delegations(application.id.clone()),
            at,
            event: Delegations::confirmation(&application.id, delegation, None, at),
        }));
    }
    Ok(events)
}

/// The ends of what was confirmed and stands no longer in what is applied at a start.
pub(crate) async fn ended_at_start(
    store: &dyn Store,
    sequencer: &Sequencer,
    before: &Catalog,
    after: &Catalog,
    at: Timestamp,
) -> Result<Vec<Happened>, StartError> {
    let mut events = Vec::new();
    for (id, application) in &before.applications {
        let written = after.applications.get(id);
        let written = written.map_or(&[][..], |it| &it.delegates);
        if application.delegates.is_empty() && written.is_empty() {
            continue;
        }
        let ends = known(store, sequencer, id).await?.ends(id, written, at);
        events.extend(ends.into_iter().map(|event| Happened {
            stream: Stream::Delegations(id.clone()),
            at,
            event,
        }));
    }
    Ok(events)
}

/// One application's confirmed delegations, as the ledger's own entries tell them.
async fn known(
    store: &dyn Store,
    sequencer: &Sequencer,
    application: &ApplicationId,
) -> Result<Delegations, StartError> {
    let stream = Stream::Delegations(application.clone());
    let folded = fold(store, &sequencer.history(&stream), &stream).await?;
    match folded.map_err(|fault| StartError::Governance(fault.to_string()))? {
        Some(Aggregate::Delegations(known)) => Ok(*known),
        _ => Ok(Delegations::default()),
    }
}
