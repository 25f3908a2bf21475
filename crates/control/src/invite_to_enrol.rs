//! Invite somebody to enrol: whoever answers for a person lets them ask for their first key, where they have nothing to
//! sign in with.

use locum_domain::{Denial, PrincipalId, Refusal, Stream, Timestamp};

use crate::ask_enrolment::proposal;
use crate::authenticators::answers_for;
use crate::caller::Caller;
use crate::control::Control;
use crate::enrolling;

/// Records the invitation, and says until when it is good. The one-time link is made by whoever calls this.
///
/// # Errors
/// `non-human-approver` for a program on either side, `not-a-named-person` for whoever does not work here,
/// `self-approval` for the caller themselves by whatever account, `not-an-approver`, `signature-required` for a caller
/// without a passkey, `already-decided` for whoever holds an authenticator; each is on the record.
pub async fn invite_to_enrol(
    control: &Control,
    caller: &Caller,
    person: &PrincipalId,
) -> Result<Timestamp, Refusal> {
    // A name that nobody has gets no history of its own.
    let is_known = control.in_force().catalog.principal(person).is_some();
    let about = match is_known {
        true => Stream::Enrolment(person.clone()),
        false => Stream::Principal(caller.principal.clone()),
    };
    let events = control
        .attempt(caller, "invite-to-enrol", &about, |at| async move {
            let governance = control.in_force().version;
            control.may_decide_enrolment(caller, person).await?;
            control.is_named_person(person)?;
            let own = control.holds_a_passkey(caller, "invites nobody").await?;
            let keys = control.authenticators_of(person).await?;
            let enrolled = keys.enrolled();
            let event = enrolled.invite(keys.founding(), &caller.principal, at)?;
            let mut proposal = proposal(&keys, event, at);
            proposal.guards.push(own.unchanged());
            proposal
                .guards
                .push(enrolling::catalog_unchanged(governance));
            Ok(proposal)
        })
        .await?;
    let at = events.first().map(|it| it.at);
    let until = at.and_then(|at| {
        at.checked_add(locum_domain::authenticator::INVITED_FOR)
            .ok()
    });
    until.ok_or_else(|| Denial::Conflict.because("nobody was invited"))
}

/// The people whom the caller could invite now, in order of their ids.
///
/// # Errors
/// `not-found` when the tables hold something else than was recorded.
pub async fn could_be_invited(
    control: &Control,
    caller: &Caller,
) -> Result<Vec<PrincipalId>, Refusal> {
    let founders = control.founders().await?;
    let own = control.authenticators_of(&caller.principal).await?;
    if own.live_passkeys().next().is_none() {
        return Ok(Vec::new());
    }
    let catalog = control.catalog_for(caller);
    let mut found = Vec::new();
    for person in catalog.people.values().filter(|it| it.is_active) {
        let is_theirs = answers_for(&catalog, &founders, &caller.principal, &person.id)
            && !catalog.is_same_human(&caller.principal, &person.id);
        if !is_theirs {
            continue;
        }
        let may_hold = founders.contains(&person.id) || control.ever_enrolled(&person.id);
        if may_hold {
            let keys = control.authenticators_of(&person.id).await?;
            if keys.live().next().is_some() {
                continue;
            }
        }
        found.push(person.id.clone());
    }
    Ok(found)
}
