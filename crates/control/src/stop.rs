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
use crate::in_person::just_proved;
use crate::ports::{Guard, Proposal, Query};
use crate::sight;

/// What a stop cut, and the hold it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub hold: Hold,
    pub ended: Vec<SessionId>,
}

/// Ends everything in a scope and holds it. One person is enough: security for anything, an owner for their
/// application.
///
/// The hold comes first and alone, so that nothing else can make it fail. From its place in the ledger on no
/// activation in its scope can be committed; what began before is found then and ended piece by piece, and the
/// jobs end whatever this leaves behind when it breaks off.
///
/// # Errors
/// `not-an-approver` for anybody else, `already-decided` while the same scope is held, `recorder-unavailable`
/// when the hold cannot be recorded; what it would have reached is cut all the same.
pub async fn stop(
    control: &Control,
    caller: &Caller,
    scope: &StopScope,
) -> Result<Stopped, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt_to_end(caller, "stop", about, |at| async move {
            may_stop(control, caller, scope)?;
            if let Some(standing) = control.hold_on(scope).await? {
                let (id, by) = (&standing.id, &standing.by);
                let detail = format!("{by} stopped exactly this already: {id}");
                return Err(Denial::AlreadyDecided.because(detail));
            }
            let hold = Hold {
                id: control.hold_id(at),
                scope: scope.clone(),
                by: caller.principal.clone(),
                at,
                lifted: None,
            };
            Ok(Proposal {
                guards: vec![unheld(scope)],
                events: vec![Happened {
                    stream: Stream::Hold(hold.id.clone()),
                    at,
                    event: Event::HoldPlaced { hold },
                }],
                outbox: Vec::new(),
            })
        })
        .await;
    let by = Some(caller.principal.clone());
    let events = match events {
        Ok(events) => events,
        Err(refusal) => {
            let is_unrecorded = refusal.denial == Denial::RecorderUnavailable;
            if is_unrecorded && may_stop(control, caller, scope).is_ok() {
                control.cut_reached(scope, by).await;
            }
            return Err(refusal);
        }
    };
    let placed = events
        .into_iter()
        .find_map(|recorded| match recorded.event {
            Event::HoldPlaced { hold } => Some(hold),
            _ => None,
        });
    let hold = placed.ok_or_else(|| Denial::Conflict.because("nothing was stopped"))?;
    let reached = control.reached(scope).await?;
    let ended = control.end_each(reached, EndedBecause::Stopped, by).await;
    control.confirm_ended().await;
    Ok(Stopped { hold, ended })
}

/// Lifts a hold, as somebody else who could have placed it and whom it does not stop.
///
/// # Errors
/// `not-found`, `not-an-approver`, `signature-required` for a device or a login that proved nothing lately,
/// `second-person-required`, `conflict-of-interest`, `already-decided`.
pub async fn lift(control: &Control, caller: &Caller, id: &HoldId) -> Result<Hold, Refusal> {
    let stream = &Stream::Hold(id.clone());
    control
        .attempt(caller, "lift", stream, |at| async move {
            let (hold, version) = control.hold(id).await?;
            may_stop(control, caller, &hold.scope)?;
            just_proved(
                caller,
                control.settings().signature_demanded,
                "lifts no hold",
            )?;
            let event = hold.lift(&caller.principal, at)?;
            if let StopScope::Actor(actor) = &hold.scope
                && control.in_force().catalog.sponsor_of(actor) == Some(&caller.principal)
            {
                return Err(Denial::ConflictOfInterest.because("you answer for whom it stops"));
            }
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    Ok(control.hold(id).await?.0)
}

/// The holds that stand.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn holds(control: &Control) -> Result<Vec<Hold>, Refusal> {
    let standing = ("state".to_owned(), "held".to_owned());
    control.holds_with(standing).await
}

fn may_stop(control: &Control, caller: &Caller, scope: &StopScope) -> Result<(), Refusal> {
    let catalog = &control.catalog_for(caller);
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

/// The guard by which a stop of this scope that comes first wins.
pub(crate) fn unheld(scope: &StopScope) -> Guard {
    Guard::AtMost {
        kind: "hold",
        key: "held",
        value: scope.key(),
        most: 0,
    }
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

    /// The hold that stands on exactly this scope.
    async fn hold_on(&self, scope: &StopScope) -> Result<Option<Hold>, Refusal> {
        let key = ("held".to_owned(), scope.key());
        Ok(self.holds_with(key).await?.into_iter().next())
    }

    async fn holds_with(&self, key: (String, String)) -> Result<Vec<Hold>, Refusal> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let query = Query {
                keys: vec![key.clone()],
                before,
                limit: 200,
            };
            let page = self.ports.store.list("hold", query).await;
            let page = page.map_err(unavailable)?;
            found.extend(page.states.into_iter().filter_map(|state| match state {
                Aggregate::Hold(hold) => Some(*hold),
                _ => None,
            }));
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(found),
            }
        }
    }

    async fn reached(&self, scope: &StopScope) -> Result<Vec<SessionId>, Refusal> {
        let mut sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        sessions.retain(|session| reaches(scope, session));
        Ok(sessions.into_iter().map(|session| session.id).collect())
    }

    /// Cuts what a stop reaches that could not be recorded.
    async fn cut_reached(&self, scope: &StopScope, by: Option<PrincipalId>) {
        let sessions = match self.reached(scope).await {
            Ok(sessions) => sessions,
            // Nobody can say what is whose; everything still means everything.
            Err(_) if *scope == StopScope::All => {
                let live = self.ports.data_plane.live().into_iter();
                live.map(|view| view.session).collect()
            }
            Err(refusal) => {
                tracing::error!(?scope, %refusal, "nobody knows which sessions to cut");
                return;
            }
        };
        let at = self.time_to_end();
        for session in sessions {
            self.cut(&session, EndedBecause::Stopped, by.clone(), at);
        }
    }

    /// Ends what runs under a hold: what a stop that broke off left behind.
    pub(crate) async fn end_held(&self) -> Result<(), Refusal> {
        // Sessions first: whatever was live before a hold was seen standing began before it was placed.
        let sessions = self.live_sessions(&[]).await.map_err(unavailable)?;
        if sessions.is_empty() {
            return Ok(());
        }
        for hold in holds(self).await? {
            let held = sessions
                .iter()
                .filter(|session| reaches(&hold.scope, session));
            let held = held.map(|session| session.id.clone()).collect();
            self.end_each(held, EndedBecause::Stopped, Some(hold.by))
                .await;
        }
        Ok(())
    }

    /// Refuses what a hold reaches; otherwise the guards by which a stop that comes first wins: that still no
    /// hold stands on any of the scopes that reach this. Holds on anything else may come and go.
    pub(crate) async fn not_held(
        &self,
        scope: &Scope,
        actor: &PrincipalId,
        case: &Case,
        subject: &SubjectId,
    ) -> Result<Vec<Guard>, Refusal> {
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
            None => Ok(reach.scopes().iter().map(unheld).collect()),
        }
    }

    pub(crate) async fn not_held_request(&self, request: &Request) -> Result<Vec<Guard>, Refusal> {
        self.not_held(
            &request.scope,
            &request.actor,
            &request.case,
            &request.subject,
        )
        .await
    }
}
