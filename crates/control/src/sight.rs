//! Who may see what. What one may not see does not exist for them; trying to decide it is refused by name.

use locum_domain::catalog::{Principal, Role};
use locum_domain::hold::{Hold, StopScope};
use locum_domain::{Catalog, PrincipalId, Request, Review, Session};

/// Whether this principal is an auditor, whose looks are on the record.
pub(crate) fn is_auditor(catalog: &Catalog, principal: &PrincipalId) -> bool {
    has_role(catalog, principal, &[Role::Auditor])
}

/// Who runs Locum's own privileged acts, besides those who are something to whom or what an act concerns.
pub(crate) const SECURITY: &[Role] = &[Role::Security, Role::SecurityControlOwner];

pub(crate) fn has_role(catalog: &Catalog, principal: &PrincipalId, roles: &[Role]) -> bool {
    match catalog.principal(principal) {
        Some(Principal::Person(person)) => {
            person.is_active && roles.iter().any(|role| person.roles.contains(role))
        }
        _ => false,
    }
}

/// Security and auditors see everything.
pub(crate) fn sees_all(catalog: &Catalog, principal: &PrincipalId) -> bool {
    has_role(catalog, principal, &[Role::Security, Role::Auditor])
}

/// Security in all its offices, and auditors, see every word of what counts, and of what is proposed to count.
pub(crate) fn sees_every_word(catalog: &Catalog, principal: &PrincipalId) -> bool {
    sees_all(catalog, principal) || has_role(catalog, principal, SECURITY)
}

/// People see the requests they filed, act on, may decide, own or are answerable for; security and auditors
/// see all.
pub(crate) fn may_see_request(
    catalog: &Catalog,
    principal: &PrincipalId,
    request: &Request,
) -> bool {
    let names = |step: &locum_domain::route::Step| {
        step.approvers.contains(principal)
            || step
                .approval
                .as_ref()
                .is_some_and(|approval| approval.by == *principal)
    };
    request.requester == *principal
        || request.actor == *principal
        || request.escalated.as_ref() == Some(principal)
        || request.security_told.contains(principal)
        || request.is_overdue_with(principal)
        || request.route.steps.iter().any(names)
        || request.route.afterwards.iter().any(names)
        || is_answerable(catalog, principal, &request.actor)
        || request
            .scope
            .applications()
            .any(|id| owns(catalog, principal, id))
        || sees_all(catalog, principal)
}

/// As for the request the session came from.
pub(crate) fn may_see_session(
    catalog: &Catalog,
    principal: &PrincipalId,
    session: &Session,
) -> bool {
    session.requester == *principal
        || session.actor == *principal
        || session.approvers.contains(principal)
        || is_answerable(catalog, principal, &session.actor)
        || session
            .applications
            .keys()
            .any(|id| owns(catalog, principal, id))
        || sees_all(catalog, principal)
}

/// The named reviewer, and whoever sees everything.
pub(crate) fn may_see_review(catalog: &Catalog, principal: &PrincipalId, review: &Review) -> bool {
    review.reviewer.as_ref() == Some(principal)
        || review
            .completed
            .as_ref()
            .is_some_and(|it| it.by == *principal)
        || sees_all(catalog, principal)
}

/// Whoever sees everything, and whoever could have placed it.
pub(crate) fn may_see_hold(catalog: &Catalog, principal: &PrincipalId, hold: &Hold) -> bool {
    let owns_it = match &hold.scope {
        StopScope::Application(application) => owns(catalog, principal, application),
        _ => false,
    };
    owns_it
        || sees_all(catalog, principal)
        || has_role(catalog, principal, &[Role::SecurityControlOwner])
}

fn is_answerable(catalog: &Catalog, principal: &PrincipalId, actor: &PrincipalId) -> bool {
    catalog.sponsor_of(actor) == Some(principal)
        || catalog.chain_of(actor).is_some_and(|chain| {
            chain.accountable_owner == *principal || chain.successor.as_ref() == Some(principal)
        })
}

/// Whether this person owns the application.
pub(crate) fn owns(
    catalog: &Catalog,
    principal: &PrincipalId,
    application: &locum_domain::ApplicationId,
) -> bool {
    catalog.applications.get(application).is_some_and(|it| {
        it.owner == *principal
            || it.product_owner.as_ref() == Some(principal)
            || it.data_owner.as_ref() == Some(principal)
    })
}
