//! Confirming a delegation, as whoever lends the authority.

use jiff::ToSpan as _;
use jiff::civil::Date;
use locum_domain::catalog::Delegate;
use locum_domain::{
    ApplicationId, Catalog, Delegations, Denial, Event, PrincipalId, Refusal, Stream,
};

use super::WaitingDelegation;
use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling::catalog_unchanged;
use crate::in_person::just_proved;
use crate::ports::Proposal;
use crate::sight;

/// For how many days authority is lent at most.
const MOST_DAYS: i32 = 30;

/// Lets a delegation count, as whoever lends the authority. `until` says which, where the caller lends to this person for
/// more than one time.
///
/// # Errors
/// `unknown-application`, `not-found` when none to this person waits, `not-an-approver` for anybody but its delegator who
/// holds the authority, `signature-required`, `lapsed` for one that is over, `malformed` for one that lasts too long and
/// where several wait and nothing says which.
pub async fn confirm_delegation(
    control: &Control,
    caller: &Caller,
    application: &ApplicationId,
    person: &PrincipalId,
    until: Option<Date>,
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
            let today = control.circumstances(at).today;
            let waiting = &in_force.waiting;
            let mine = the_one(waiting, caller, application, person, until, today)?;
            control.is_named_person(&caller.principal)?;
            let (catalog, who) = (control.catalog_for(caller), &caller.principal);
            may_lend(&catalog, who, application)?;
            is_still_to_come(mine, today)?;
            let demanded = control.settings().signature_demanded;
            just_proved(caller, demanded, "lends no authority")?;
            let (_, version) = control.verified_with_version(stream).await?;
            let by = Some(&caller.principal);
            let event = Delegations::confirmation(application, mine, by, at);
            let mut proposal = Proposal::of(stream, version, event, at);
            proposal.guards.push(catalog_unchanged(in_force.version));
            Ok(proposal)
        })
        .await?;
    control.take_effect_or_leave().await;
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

/// The one that the caller means, of those that they lend to this person: what is over is only meant where it is named.
fn the_one<'a>(
    waiting: &'a [WaitingDelegation],
    caller: &Caller,
    application: &ApplicationId,
    person: &PrincipalId,
    until: Option<Date>,
    today: Date,
) -> Result<&'a Delegate, Refusal> {
    let is_it = |it: &&WaitingDelegation| {
        it.application == *application
            && it.delegation.person == *person
            && until.is_none_or(|until| it.delegation.until == until)
    };
    let named: Vec<&Delegate> = waiting
        .iter()
        .filter(is_it)
        .map(|it| &it.delegation)
        .collect();
    let Some(other) = named.first() else {
        return Err(Denial::NotFound.because("no such delegation waits"));
    };
    let mut mine = named.clone();
    mine.retain(|it| it.by == caller.principal);
    let mut to_come = mine.clone();
    to_come.retain(|it| it.until >= today);
    match (to_come.as_slice(), mine.first()) {
        ([], None) => {
            let detail = format!("`{}` lends it, and confirms it", other.by);
            Err(Denial::NotAnApprover.because(detail))
        }
        ([], Some(over)) => Ok(over),
        ([one], _) => Ok(one),
        // Of the same last day, the one that begins first: it is the other one's turn after it.
        ([first, ..], _) if until.is_some() => Ok(first),
        (several, _) => {
            let untils: Vec<String> = several.iter().map(|it| it.until.to_string()).collect();
            let detail = format!("say which one by its last day: {}", untils.join(", "));
            Err(Denial::Malformed.because(detail).at("/until"))
        }
    }
}

/// Whether it is not over, and no longer than authority is lent for.
pub(super) fn is_still_to_come(delegation: &Delegate, today: Date) -> Result<(), Refusal> {
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

/// Whether this person holds authority over the application that they could lend.
pub(super) fn may_lend(
    catalog: &Catalog,
    who: &PrincipalId,
    application: &ApplicationId,
) -> Result<(), Refusal> {
    if sight::owns(catalog, who, application) {
        return Ok(());
    }
    let detail = "the owner, product owner or data owner lends";
    Err(Denial::NotAnApprover.because(detail))
}
