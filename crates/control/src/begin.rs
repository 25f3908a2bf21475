//! What a session is when it begins: who, as whom, where, until when; never beyond an exception it stands on.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::access::RouteTable;
use locum_domain::catalog::Application;
use locum_domain::session::{ApplicationSession, ApplicationState};
use locum_domain::{
    ApplicationId, Denial, Event, OperationId, Provisions, Refusal, Request, Session, SessionId,
    Timestamp,
};

use crate::governance::InForce;

/// The session that an approved request begins.
///
/// # Errors
/// `missing-approval`, `not-eligible`, `unknown-application` where the record or the catalog lacks something by now.
pub(crate) fn begin(
    in_force: &InForce,
    provisions: &Provisions,
    request: &Request,
    id: SessionId,
    at: Timestamp,
) -> Result<Session, Refusal> {
    let catalog = &*in_force.catalog;
    let missing = |what: &str| Denial::MissingApproval.because(format!("the record lacks {what}"));
    let grant = request.grant.clone().ok_or_else(|| missing("the grant"))?;
    let actor = catalog
        .principal(&request.actor)
        .filter(|actor| actor.is_active());
    let actor = actor.ok_or_else(|| Denial::NotEligible.because("the actor has left"))?;
    let mut applications = BTreeMap::new();
    for (application, operations) in &request.scope.0 {
        let known = catalog.applications.get(application);
        let known = known.filter(|it| RouteTable::compile(it).is_ok());
        let known = known.ok_or_else(|| {
            Denial::UnknownApplication.because(format!("`{application}` is gone"))
        })?;
        let there = request
            .subjects
            .get(application)
            .ok_or_else(|| missing("the subject"))?;
        applications.insert(
            application.clone(),
            ApplicationSession {
                subject: there.id.clone(),
                operations: operations.clone(),
                opened: opened_in(known, operations),
                record: known.record,
                state: ApplicationState::Live,
            },
        );
    }
    let end_by = at.saturating_add(request.duration.duration()).unwrap_or(at);
    let first_end = exceptions_end(&applications, provisions);
    Ok(Session {
        id,
        event: request.event.clone(),
        request: request.id.clone(),
        grant,
        requester: request.requester.clone(),
        actor: request.actor.clone(),
        actor_profile: actor.profile().to_owned(),
        subject: request.subject.clone(),
        tenant: request.tenant.clone(),
        case: request.case.reference.clone(),
        break_glass: request.break_glass,
        approvers: request
            .route
            .approvals()
            .map(|approval| approval.by.clone())
            .collect(),
        applications,
        started_at: at,
        end_by: first_end.map_or(end_by, |first| first.min(end_by)),
        idle_within: request.route.idle_within,
        review_within_days: request.route.review_within_days,
        duration: request.duration,
        extended_by: None,
        activation: 0,
        is_witnessed: false,
        ended: None,
    })
}

/// The closed operations among those granted: policy let them be asked for, so that an exception opens each.
fn opened_in(application: &Application, granted: &BTreeSet<OperationId>) -> BTreeSet<OperationId> {
    let is_closed = |id: &&OperationId| {
        let operation = application.operations.get(*id);
        operation.is_some_and(|it| it.closed.is_some())
    };
    granted.iter().filter(is_closed).cloned().collect()
}

/// When the first of the exceptions that a session stands on ends: the session does not outlive it.
fn exceptions_end(
    applications: &BTreeMap<ApplicationId, ApplicationSession>,
    provisions: &Provisions,
) -> Option<Timestamp> {
    let opened = applications.iter().flat_map(|(application, there)| {
        let opened = there.opened.iter();
        opened.map(move |operation| provisions.opened_until(application, operation))
    });
    // One that has ended meanwhile ends the session at once.
    opened.map(|until| until.unwrap_or(Timestamp::MIN)).min()
}

/// A lengthened session outlives none of its exceptions either.
pub(crate) fn within_exceptions(
    extended: Event,
    session: &Session,
    provisions: &Provisions,
) -> Event {
    let first = exceptions_end(&session.applications, provisions);
    match (extended, first) {
        (
            Event::SessionExtended {
                session,
                request,
                end_by,
                approvers,
                at,
            },
            Some(first),
        ) => Event::SessionExtended {
            session,
            request,
            end_by: end_by.min(first),
            approvers,
            at,
        },
        (extended, _) => extended,
    }
}
