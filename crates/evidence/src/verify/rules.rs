//! The rules that the record itself can show to have been kept.
//!
//! Who held an authority, and who was barred for another reason than having asked or acted, is in the catalog
//! and not in the pack: those are not judged here.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::{Event, PrincipalId, Recorded, Request, RequestId, RequestState, Session};

use super::VerifyFailure;
use crate::pack::{Approved, approvals};
use crate::story::AccessEvent;

/// Checks what can be seen of R05, R09, R13, R20 and R27: nobody decides what they ask for or use, every
/// step has another person, every approval binds to what its maker was shown, the session is the one that was
/// approved, and the reviewer had no part in it.
pub(super) fn check(
    events: &[Recorded],
    story: &AccessEvent,
    last_erased: Option<u64>,
) -> Result<(), VerifyFailure> {
    erased(events, last_erased)?;
    for approved in approvals(events) {
        bound(&approved)?;
    }
    let mut requests: BTreeMap<&RequestId, Request> = BTreeMap::new();
    for recorded in events {
        let position = recorded.position;
        let broken = |rule: String| VerifyFailure::Rule { position, rule };
        match &recorded.event {
            Event::RequestFiled { request } => {
                filed(request, requests.get(&request.id)).map_err(broken)?;
                requests.insert(&request.id, (**request).clone());
            }
            Event::RequestApproved {
                request, approval, ..
            } => {
                let request = requests
                    .get(request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                apart(request, &approval.by).map_err(broken)?;
            }
            Event::RequestCountersigned {
                request,
                step,
                approval,
            } => {
                let request = requests
                    .get(request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                countersigned(request, *step, &approval.by).map_err(broken)?;
            }
            Event::OfferMade { request, offer, .. } => {
                let request = requests
                    .get(request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                apart(request, &offer.by).map_err(broken)?;
            }
            Event::RequestActivated { request, .. } => {
                let request = requests
                    .get(request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                approved(request).map_err(broken)?;
            }
            Event::SessionStarted { session } => {
                let request = requests
                    .get(&session.request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                approved(request).map_err(broken)?;
                as_approved(session, request).map_err(broken)?;
            }
            Event::SessionExtended { request, .. } => {
                let request = requests
                    .get(request)
                    .ok_or_else(|| broken("nothing was filed".to_owned()))?;
                approved(request).map_err(broken)?;
            }
            Event::ReviewCompleted { completion, .. } => {
                reviewed(story, &completion.by).map_err(broken)?
            }
            Event::HoldLifted { hold, by, .. } => {
                let placed = story.holds.iter().find(|it| it.id == *hold);
                if placed.is_some_and(|it| it.placed.by == *by) {
                    return Err(broken(format!("{by} lifted their own hold")));
                }
            }
            _ => {}
        }
        for request in requests.values_mut() {
            let is_of =
                matches!(&recorded.stream, locum_domain::Stream::Request(id) if *id == request.id);
            if is_of && let Some(after) = Request::evolve(Some(request.clone()), &recorded.event) {
                *request = after;
            }
        }
    }
    Ok(())
}

/// R26: personal values are missing only where an erasure after them is on the record: whoever makes a pack withholds
/// none.
fn erased(events: &[Recorded], last_erased: Option<u64>) -> Result<(), VerifyFailure> {
    let Some(position) = last_erased else {
        return Ok(());
    };
    let is_told =
        |it: &Recorded| it.position > position && matches!(it.event, Event::PersonalErased { .. });
    if events.iter().any(is_told) {
        return Ok(());
    }
    let rule = "personal values are missing, and no erasure after them is on the record".to_owned();
    Err(VerifyFailure::Rule { position, rule })
}

/// A request is filed once, and with nothing decided: whatever decides it has an entry of its own.
fn filed(request: &Request, before: Option<&Request>) -> Result<(), String> {
    let is_undecided = matches!(request.state, RequestState::Pending { .. })
        && request.route.approvals().next().is_none()
        && request.route.countersignatures().next().is_none()
        && request.grant.is_none()
        && request.version == 1;
    if before.is_some() {
        Err(format!("request {} was filed twice", request.id))
    } else if is_undecided {
        Ok(())
    } else {
        Err(format!(
            "request {} was filed with something decided",
            request.id
        ))
    }
}

fn bound(approved: &Approved) -> Result<(), VerifyFailure> {
    if approved.is_bound {
        return Ok(());
    }
    let rule = format!(
        "{} approved something else than the request said then",
        approved.by
    );
    Err(VerifyFailure::Rule {
        position: approved.position,
        rule,
    })
}

fn apart(request: &Request, by: &PrincipalId) -> Result<(), String> {
    if *by == request.requester || *by == request.actor {
        return Err(format!("{by} decided on their own request"));
    }
    if request.route.has_approved(by) {
        return Err(format!("{by} decided twice on one request"));
    }
    Ok(())
}

/// R11: what an emergency skipped is signed once it was used, each step once, by different people who did not use it.
fn countersigned(request: &Request, step: usize, by: &PrincipalId) -> Result<(), String> {
    if *by == request.requester || *by == request.actor {
        return Err(format!("{by} countersigned their own emergency"));
    }
    if request.session().is_none() {
        return Err(format!("{by} countersigned what nobody had used"));
    }
    if request.route.countersignatures().any(|it| it.by == *by) {
        return Err(format!("{by} countersigned twice"));
    }
    if request.unsigned_afterwards().any(|open| open == step) {
        Ok(())
    } else {
        Err(format!("{by} countersigned a step that nobody waits for"))
    }
}

/// Every step has an approval by another person that covers what the request says.
fn approved(request: &Request) -> Result<(), String> {
    let is_granted = matches!(
        request.state,
        RequestState::Approved { .. } | RequestState::Activated { .. } | RequestState::Ended { .. }
    );
    if is_granted && is_covered(request) && !request.route.steps.is_empty() {
        Ok(())
    } else {
        Err(format!("request {} was not fully approved", request.id))
    }
}

/// Whether the approvals are of the request as it is. What was erased has no digest to compare any more; that every step
/// has another person's approval still shows.
fn is_covered(request: &Request) -> bool {
    if !request.is_erased() {
        return request.is_covered();
    }
    let people: BTreeSet<&PrincipalId> = request.route.approvals().map(|it| &it.by).collect();
    request.route.is_complete() && people.len() == request.route.steps.len()
}

/// The session is of the people, case, subject, grant and scope that were approved.
fn as_approved(session: &Session, request: &Request) -> Result<(), String> {
    let approvers: BTreeSet<&PrincipalId> = request
        .route
        .approvals()
        .map(|approval| &approval.by)
        .collect();
    let is_same = session.requester == request.requester
        && session.actor == request.actor
        && session.subject == request.subject
        && session.case == request.case.reference
        && Some(&session.grant) == request.grant.as_ref()
        && session.approvers.iter().collect::<BTreeSet<_>>() == approvers;
    let is_within = session.applications.iter().all(|(application, it)| {
        request
            .scope
            .0
            .get(application)
            .is_some_and(|approved| it.operations.is_subset(approved))
    });
    if is_same && is_within {
        Ok(())
    } else {
        Err("the session is not the one that was approved".to_owned())
    }
}

fn reviewed(story: &AccessEvent, by: &PrincipalId) -> Result<(), String> {
    let extension = story
        .extension
        .iter()
        .flat_map(|extension| &extension.asked.route);
    let approvals = story
        .route
        .iter()
        .chain(extension)
        .filter_map(|step| step.approval.as_ref());
    let mut people = approvals
        .map(|approval| &approval.by)
        .chain([&story.requester, &story.actor]);
    if people.any(|person| person == by) {
        Err(format!("{by} reviewed a session that they had a part in"))
    } else {
        Ok(())
    }
}
