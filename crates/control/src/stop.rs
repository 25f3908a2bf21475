//! Stop and lift: the kill switch, and the hold that stays until a second named person lifts it.

use locum_domain::catalog::Role;
use locum_domain::hold::{Hold, Reach, StopScope};
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, ApplicationId, Case, Denial, Event, Happened, HoldId, PrincipalId, Refusal, Request,
    Scope, Session, SessionId, Stream, SubjectId,
};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::{Guard, Proposal, Query};
use crate::sight;

/// What a stop cut, and the hold it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub hold: Hold,
    pub ended: Vec<SessionId>,
}

const MOST_HOLDS: u32 = 200;

/// Ends everything in a scope and holds it. One person is enough: security for anything, an owner for their
/// application.
///
/// # Errors
/// `not-an-approver` for anybody else.
pub async fn stop(
    control: &Control,
    caller: &Caller,
    scope: &StopScope,
) -> Result<Stopped, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt_to_end(caller, "stop", about, |at| async move {
            may_stop(control, caller, scope)?;
            let sessions = control.live_sessions(&[]).await.map_err(unavailable)?;
            let reached: Vec<Session> = sessions
                .into_iter()
                .filter(|session| reaches(scope, session))
                .collect();
            let by = Some(&caller.principal);
            let mut proposal = control
                .ending_all(&reached, EndedBecause::Stopped, by, at)
                .await?;
            let id = control.hold_id(at);
            let hold = Hold {
                id: id.clone(),
                scope: scope.clone(),
                by: caller.principal.clone(),
                at,
                lifted: None,
            };
            let event = Event::HoldPlaced { hold };
            proposal.events.push(Happened {
                stream: Stream::Hold(id),
                at,
                event,
            });
            Ok(proposal)
        })
        .await?;
    control.confirm_ended().await;
    let mut ended = Vec::new();
    let mut placed = None;
    for recorded in events {
        match recorded.event {
            Event::SessionEnded { session, .. } => ended.push(session),
            Event::HoldPlaced { hold } => placed = Some(hold),
            _ => {}
        }
    }
    let hold = placed.ok_or_else(|| Denial::Conflict.because("nothing was stopped"))?;
    Ok(Stopped { hold, ended })
}

/// Lifts a hold, as somebody else who could have placed it.
///
/// # Errors
/// `not-found`, `not-an-approver`, `second-person-required`, `already-decided`.
pub async fn lift(control: &Control, caller: &Caller, id: &HoldId) -> Result<Hold, Refusal> {
    let stream = &Stream::Hold(id.clone());
    control
        .attempt(caller, "lift", stream, |at| async move {
            let (hold, version) = control.hold(id).await?;
            may_stop(control, caller, &hold.scope)?;
            let event = hold.lift(&caller.principal, at)?;
            let guards = vec![Guard::Version {
                stream: stream.clone(),
                version,
            }];
            let events = vec![Happened {
                stream: stream.clone(),
                at,
                event,
            }];
            Ok(Proposal {
                guards,
                events,
                outbox: Vec::new(),
            })
        })
        .await?;
    Ok(control.hold(id).await?.0)
}

/// The holds that stand.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn holds(control: &Control) -> Result<Vec<Hold>, Refusal> {
    let keys = vec![("state".to_owned(), "held".to_owned())];
    let query = Query {
        keys,
        before: None,
        limit: MOST_HOLDS,
    };
    let page = control
        .ports
        .store
        .list("hold", query)
        .await
        .map_err(unavailable)?;
    Ok(page
        .states
        .into_iter()
        .filter_map(|state| match state {
            Aggregate::Hold(hold) => Some(*hold),
            _ => None,
        })
        .collect())
}

fn may_stop(control: &Control, caller: &Caller, scope: &StopScope) -> Result<(), Refusal> {
    let catalog = &control.in_force().catalog;
    let who = &caller.principal;
    if sight::has_role(catalog, who, &[Role::Security, Role::SecurityControlOwner]) {
        return Ok(());
    }
    match scope {
        StopScope::Application(application) if sight::owns(catalog, who, application) => Ok(()),
        _ => {
            Err(Denial::NotAnApprover
                .because("security stops anything, an owner their application"))
        }
    }
}

fn reaches(scope: &StopScope, session: &Session) -> bool {
    let applications: Vec<&ApplicationId> = session.applications.keys().collect();
    scope.reaches(Reach {
        applications: &applications,
        actor: &session.actor,
        case: &session.case,
        subject: &session.subject,
        tenant: session.tenant.as_ref(),
    })
}

impl Control {
    async fn hold(&self, id: &HoldId) -> Result<(Hold, u64), Refusal> {
        let loaded = self
            .ports
            .store
            .load(&Stream::Hold(id.clone()))
            .await
            .map_err(unavailable)?;
        match loaded.state {
            Some(Aggregate::Hold(hold)) => Ok((*hold, loaded.version)),
            _ => Err(Denial::NotFound.because("no such hold")),
        }
    }

    /// Refuses what a hold reaches; otherwise the number of holds, to guard the commit with.
    pub(crate) async fn not_held(
        &self,
        scope: &Scope,
        actor: &PrincipalId,
        case: &Case,
        subject: &SubjectId,
    ) -> Result<u64, Refusal> {
        let applications: Vec<&ApplicationId> = scope.applications().collect();
        let reach = Reach {
            applications: &applications,
            actor,
            case: &case.reference,
            subject,
            tenant: case.tenant.as_ref(),
        };
        let holds = holds(self).await?;
        match holds.iter().find(|hold| hold.scope.reaches(reach)) {
            Some(hold) => {
                Err(Denial::Held.because(format!("{} stopped this at {}", hold.by, hold.at)))
            }
            None => Ok(u64::try_from(holds.len()).unwrap_or(u64::MAX)),
        }
    }

    pub(crate) async fn not_held_request(&self, request: &Request) -> Result<u64, Refusal> {
        self.not_held(
            &request.scope,
            &request.actor,
            &request.case,
            &request.subject,
        )
        .await
    }

    /// The guard by which a stop that comes first wins: no more holds than were looked at.
    pub(crate) fn holds_unchanged(holds: u64) -> Guard {
        Guard::AtMost {
            kind: "hold",
            key: "state",
            value: "held".to_owned(),
            most: holds,
        }
    }
}
