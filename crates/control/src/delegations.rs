//! Delegations: authority that an owner lends in writing counts once the owner confirmed it on the record.
//!
//! What stood in the founding was confirmed by it, and so is what a development server applies by itself. A ledger from
//! before delegations were confirmed has no such entries: what its last application says is confirmed at the next start,
//! for nobody could apply anything but the founding then.

use jiff::ToSpan as _;
use locum_domain::catalog::Delegate;
use locum_domain::{
    Aggregate, ApplicationId, Catalog, Delegations, Denial, Event, Happened, PrincipalId, Refusal,
    Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::{Control, StartError};
use crate::enrolling::catalog_unchanged;
use crate::in_person::just_proved;
use crate::ledger::{Sequencer, fold};
use crate::ports::{Proposal, Store};
use crate::sight;

/// For how many days authority is lent at most.
const MOST_DAYS: i32 = 30;

/// A delegation of the recorded files that does not count yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDelegation {
    pub application: ApplicationId,
    pub delegation: Delegate,
}

/// The delegations that wait for their delegator: the caller's own, those of applications that the caller owns, those to
/// the caller, and all for security and auditors.
///
/// # Errors
/// `recorder-unavailable` when an auditor's look cannot be recorded.
pub async fn waiting_delegations(
    control: &Control,
    caller: &Caller,
) -> Result<Vec<WaitingDelegation>, Refusal> {
    let (catalog, who) = (control.catalog_for(caller), &caller.principal);
    let sees_all = sight::sees_every_word(&catalog, who);
    let is_seen = |it: &&WaitingDelegation| {
        sees_all
            || [&it.delegation.by, &it.delegation.person].contains(&who)
            || sight::owns(&catalog, who, &it.application)
    };
    let in_force = control.in_force();
    let seen = in_force.waiting.iter().filter(is_seen).cloned().collect();
    let about = Stream::Principal(who.clone());
    control.looked(caller, &about, "delegations").await?;
    Ok(seen)
}

/// Lets a delegation count, as whoever lends the authority.
///
/// # Errors
/// `unknown-application`, `not-found` when none to this person waits, `not-an-approver` for anybody but its delegator who
/// holds the authority, `signature-required`, `lapsed` for one that is over, `malformed` for one that lasts too long.
pub async fn confirm_delegation(
    control: &Control,
    caller: &Caller,
    application: &ApplicationId,
    person: &PrincipalId,
) -> Result<WaitingDelegation, Refusal> {
    let stream = &Stream::Delegations(application.clone());
    let events = control
        .attempt(caller, "confirm-delegation", stream, |at| async move {
            let in_force = control.in_force();
            if !in_force.catalog.applications.contains_key(application) {
                let detail = format!("no application is called `{application}`");
                return Err(Denial::UnknownApplication
                    .because(detail)
                    .at("/application"));
            }
            let is_it = |it: &&WaitingDelegation| {
                it.application == *application && it.delegation.person == *person
            };
            let waiting: Vec<_> = in_force.waiting.iter().filter(is_it).collect();
            let mine = waiting
                .iter()
                .find(|it| it.delegation.by == caller.principal);
            let Some(mine) = mine else {
                return Err(match waiting.first() {
                    Some(other) => {
                        let by = &other.delegation.by;
                        Denial::NotAnApprover.because(format!("`{by}` lends it, and confirms it"))
                    }
                    None => Denial::NotFound.because("no such delegation waits"),
                });
            };
            control.may_lend(caller, application)?;
            is_still_to_come(&mine.delegation, control.circumstances(at).today)?;
            let demanded = control.settings().signature_demanded;
            just_proved(caller, demanded, "lends no authority")?;
            let (_, version) = control.verified_with_version(stream).await?;
            let by = Some(&caller.principal);
            let event = Delegations::confirmation(application, &mine.delegation, by, at);
            let mut proposal = Proposal::of(stream, version, event, at);
            proposal.guards.push(catalog_unchanged(in_force.version));
            Ok(proposal)
        })
        .await?;
    control.take_effect().await?;
    let confirmed = events.into_iter().find_map(|it| match it.event {
        Event::DelegationConfirmed { confirmed, .. } => Some(confirmed.delegation),
        _ => None,
    });
    let delegation = confirmed.ok_or_else(|| Denial::Conflict.because("nothing was confirmed"))?;
    Ok(WaitingDelegation {
        application: application.clone(),
        delegation,
    })
}

fn is_still_to_come(delegation: &Delegate, today: jiff::civil::Date) -> Result<(), Refusal> {
    let until = delegation.until;
    if until < today {
        return Err(Denial::Lapsed.because(format!("it ended on {until}")));
    }
    let begins = delegation.from.unwrap_or(today);
    let last = begins.saturating_add(MOST_DAYS.days());
    if until > last {
        let detail = format!("authority is lent for at most {MOST_DAYS} days: until {last}");
        return Err(Denial::Malformed.because(detail));
    }
    Ok(())
}

impl Control {
    /// Whether the caller holds authority over this application that they could lend.
    fn may_lend(&self, caller: &Caller, application: &ApplicationId) -> Result<(), Refusal> {
        self.is_named_person(&caller.principal)?;
        let catalog = self.catalog_for(caller);
        if sight::owns(&catalog, &caller.principal, application) {
            return Ok(());
        }
        let detail = "the owner, product owner or data owner lends";
        Err(Denial::NotAnApprover.because(detail))
    }

    /// The confirmations that are the caller's own doing when they ask for these files, in person: they lend what they
    /// wrote down. They open nothing before the files count.
    pub(crate) async fn lent_with(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        at: Timestamp,
    ) -> Result<Vec<Happened>, Refusal> {
        let demanded = self.settings().signature_demanded;
        if just_proved(caller, demanded, "lends no authority").is_err() {
            return Ok(Vec::new());
        }
        let today = self.circumstances(at).today;
        let mut events = Vec::new();
        for application in catalog.applications.values() {
            let mine =
                |it: &&Delegate| it.by == caller.principal && is_still_to_come(it, today).is_ok();
            let mine: Vec<&Delegate> = application.delegates.iter().filter(mine).collect();
            if mine.is_empty() || self.may_lend(caller, &application.id).is_err() {
                continue;
            }
            let stream = Stream::Delegations(application.id.clone());
            let known = match self.verified(&stream).await? {
                Some(Aggregate::Delegations(known)) => *known,
                _ => Delegations::default(),
            };
            for delegation in mine.into_iter().filter(|it| !known.confirm(it)) {
                let by = Some(&caller.principal);
                let event = Delegations::confirmation(&application.id, delegation, by, at);
                let stream = stream.clone();
                events.push(Happened { stream, at, event });
            }
        }
        Ok(events)
    }
}

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
