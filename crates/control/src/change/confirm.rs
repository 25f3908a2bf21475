//! Confirm a change, as a second person.

use std::sync::{Mutex, PoisonError};

use locum_catalog::Bundle;
use locum_domain::change::Confirmation;
use locum_domain::{Change, ChangeId, Happened, Refusal, Signature, Stream, Timestamp};

use super::judge::Judged;
use super::seen::ChangeSeen;
use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::enrolling::catalog_unchanged;
use crate::governance::InForce;
use crate::in_person::just_proved;
use crate::ports::{Guard, Proposal};
use crate::statement::StatementToSign;

/// Lets it count, as somebody who held the authority before the change and gains nothing by it, in person and with their
/// own signature where signatures are demanded. `digest` is the change's as they were shown it.
///
/// # Errors
/// `not-found`, `second-person-required`, `already-decided`, `stale-approval`, `not-an-approver`, `conflict-of-interest`,
/// `signature-required`; each is on the record.
pub async fn confirm_change(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
    digest: &str,
    signature: Option<&Signature>,
) -> Result<ChangeSeen, Refusal> {
    let (stream, shown) = (&Stream::Change(id.clone()), &Mutex::new(None));
    let events = control
        .attempt(caller, "confirm-change", stream, |at| async move {
            let in_force = control.in_force();
            let (change, version) = control.visible_change(caller, id).await?;
            let judged = control
                .may_confirm(caller, &in_force, &change, digest, at)
                .await?;
            let demanded = control.settings().signature_demanded;
            just_proved(caller, demanded, "confirms no change")?;
            let key_unchanged = control
                .confirmed(caller, stream, &change.digest, signature, at)
                .await?;
            let confirmation = Confirmation {
                by: &caller.principal,
                digest,
                signature: signature.cloned(),
            };
            let [confirmed, applied] =
                change.apply(Some(confirmation), &in_force.applied.digest, at)?;
            let happened = |stream: &Stream, event| Happened {
                stream: stream.clone(),
                at,
                event,
            };
            let mut events = vec![
                happened(stream, confirmed),
                happened(&Stream::Governance, applied),
            ];
            let after = &judged.after.catalog;
            let standing = control.delegations_with(&in_force, &change, caller, after, at);
            let standing = standing.await?;
            events.extend(standing.events);
            let mut guards = vec![
                Guard::Version {
                    stream: stream.clone(),
                    version,
                },
                catalog_unchanged(in_force.version),
            ];
            guards.extend(key_unchanged);
            guards.extend(standing.guards);
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
            Ok(Proposal {
                guards,
                events,
                outbox: Vec::new(),
            })
        })
        .await?;
    control.take_effect_or_leave().await;
    let before = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    control.change_after(caller, before, &events)
}

/// What the caller signs to let it count.
///
/// # Errors
/// As for [`confirm_change`]; nothing is on the record, for nothing was decided.
pub async fn change_statement(
    control: &Control,
    caller: &Caller,
    id: &ChangeId,
) -> Result<StatementToSign, Refusal> {
    let in_force = control.in_force();
    let (change, _) = control.visible_change(caller, id).await?;
    let at = control.now()?;
    control
        .may_confirm(caller, &in_force, &change, &change.digest, at)
        .await?;
    let about = Stream::Change(id.clone());
    control.to_confirm(caller, &about, &change.digest).await
}

impl Control {
    /// Whether the caller may confirm this one now. The difference is computed anew: what was recorded of it is for
    /// reading, and a date may have passed since.
    async fn may_confirm(
        &self,
        caller: &Caller,
        in_force: &InForce,
        change: &Change,
        digest: &str,
        at: Timestamp,
    ) -> Result<Judged, Refusal> {
        self.is_named_person(&caller.principal)?;
        let confirmation = Confirmation {
            by: &caller.principal,
            digest,
            signature: None,
        };
        change.apply(Some(confirmation), &in_force.applied.digest, at)?;
        let bundle = Bundle::recorded(change.files.clone(), change.settings.clone());
        let bundle = bundle.map_err(unavailable)?;
        let today = self.circumstances(at).today;
        let judged = self.judged(in_force, bundle, today).await?;
        let catalog = self.catalog_for(caller);
        let parties = judged.parties(&change.by);
        parties.may_confirm(&catalog, &caller.principal)?;
        self.leaves_a_way_in(&judged.before, &judged.after).await?;
        Ok(judged)
    }
}
