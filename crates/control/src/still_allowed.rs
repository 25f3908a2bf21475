//! Whether live sessions may go on (R17): their actors still work here, are still eligible, and policy still
//! allows what it allowed.
//!
//! Nothing of that can change without one of three things: other files are applied, a date passes, or the process
//! was down. So all live sessions are judged when the governance's version or the local date is another one than
//! last time, and in the first round; a session that begins in between is guarded by the version it was judged on.

use jiff::civil::Date;
use locum_domain::session::EndedBecause;
use locum_domain::{Aggregate, CaseRef, Denial, Refusal, Request, Session, Stream, Timestamp};
use locum_policy::{Circumstances, Filing};

use crate::control::{Control, unavailable};
use crate::governance::InForce;

/// On what everything was judged the last time.
#[derive(Debug, Default)]
pub(crate) struct StillAllowed {
    judged_on: Option<(u64, Date)>,
}

impl StillAllowed {
    /// Judges every live session if anything may have changed, and ends those that may not go on.
    pub(crate) async fn run(&mut self, control: &Control) -> Result<(), Refusal> {
        let at = control.time_to_end();
        let in_force = control.in_force();
        let on = (in_force.version, control.circumstances(at).today);
        if self.judged_on == Some(on) {
            return Ok(());
        }
        let mut is_complete = true;
        for session in control.live_sessions(&[]).await.map_err(unavailable)? {
            match control.no_longer(&in_force, &session, at).await {
                Ok(None) => {}
                Ok(Some((because, why))) => {
                    let (session, cause) = (&session.id, because.as_str());
                    tracing::warn!(%session, because = cause, why, "a session may not go on");
                    is_complete &= control.end_one(session, because, None).await.is_ok();
                }
                Err(refusal) => {
                    tracing::error!(session = %session.id, %refusal, "a session cannot be judged");
                    is_complete = false;
                }
            }
        }
        self.judged_on = is_complete.then_some(on);
        Ok(())
    }
}

impl Control {
    /// Why a session may not go on, if it may not.
    async fn no_longer(
        &self,
        in_force: &InForce,
        session: &Session,
        at: Timestamp,
    ) -> Result<Option<(EndedBecause, String)>, Refusal> {
        if let Some(state) = self.closed_since(&session.case, session.started_at).await? {
            return Ok(Some((EndedBecause::CaseClosed, state)));
        }
        let (request, _) = self.existing_request(&session.request).await?;
        Ok(self.disallowed(in_force, &request, at))
    }

    /// The state a case was closed in since then, by what was recorded: the process that recorded it may have died
    /// before it had ended everything.
    async fn closed_since(
        &self,
        case: &CaseRef,
        since: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let stream = Stream::Case(case.clone());
        let watched = self.ports.store.load(&stream).await.map_err(unavailable)?;
        Ok(match watched.state {
            Some(Aggregate::Case(case)) if !case.last.is_open && case.last.at > since => {
                Some(case.last.state)
            }
            _ => None,
        })
    }

    /// What policy says of the request today, were it filed and activated as it was shown then. The hour stays that
    /// of the filing: who may ask only in the daytime may go on working in the evening.
    fn disallowed(
        &self,
        in_force: &InForce,
        request: &Request,
        at: Timestamp,
    ) -> Option<(EndedBecause, String)> {
        let catalog = &*in_force.catalog;
        let actor = catalog.principal(&request.actor);
        if !actor.is_some_and(|actor| actor.is_active()) {
            let why = format!("`{}` does not work here any more", request.actor);
            return Some((EndedBecause::ActorLeft, why));
        }
        let circumstances = Circumstances {
            today: self.circumstances(at).today,
            local_hour: self.circumstances(request.filed_at).local_hour,
        };
        let filing = Filing {
            circumstances,
            ..self.filing_of(in_force, request, at)
        };
        if let Err(refusal) = in_force.policies.may_file(&filing) {
            let because = match refusal.denial {
                Denial::NotEligible => EndedBecause::EligibilityLost,
                _ => EndedBecause::PolicyTightened,
            };
            return Some((because, refusal.to_string()));
        }
        let may = in_force
            .policies
            .may_activate(&filing, request, &request.case);
        may.err()
            .map(|refusal| (EndedBecause::PolicyTightened, refusal.to_string()))
    }
}
