//! Whether live sessions may go on (R17): their actors still work here, are still eligible, and policy still
//! allows what it allowed. And whether anything can come of the requests that are open.
//!
//! Nothing of that can change without one of three things: other files are applied, a date passes, or the process
//! was down. So all live sessions are judged when the governance's version or the local date is another one than
//! last time, and in the first round; a session that begins in between is guarded by the version it was judged on.

use jiff::civil::Date;
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, CaseRef, Denial, Provisions, Refusal, Request, Session, Stream, Timestamp,
};
use locum_policy::{Circumstances, Filing};

use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::ledger::SequencerError;
use crate::ports::Proposal;

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
        let provisions = control.provisions(&[], at).await?;
        // Whom a date makes ineligible may be certified again before anybody decides; a new version says so for good.
        let mut is_complete = match self.judged_on {
            Some((version, _)) if version == in_force.version => true,
            _ => {
                control
                    .lapse_what_cannot_be(&in_force, &provisions, at)
                    .await
            }
        };
        for session in control.live_sessions(&[]).await.map_err(unavailable)? {
            let judged = control.no_longer(&in_force, &provisions, &session, at);
            match judged.await {
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
    /// Ends the open requests that nothing can come of by what is in force; whoever decides or activates the others is
    /// judged then. Answers whether it got through all of them.
    async fn lapse_what_cannot_be(
        &self,
        in_force: &InForce,
        provisions: &Provisions,
        at: Timestamp,
    ) -> bool {
        let mut is_complete = true;
        for state in ["pending", "offered", "approved"] {
            let keys = vec![("state".to_owned(), state.to_owned())];
            let open = match self.all_with("request", keys).await {
                Ok(open) => open,
                Err(refusal) => {
                    tracing::error!(%refusal, "the open requests cannot be judged");
                    is_complete = false;
                    continue;
                }
            };
            for found in open {
                let Aggregate::Request(request) = found else {
                    continue;
                };
                let outcome = self.lapse_if_it_cannot_be(in_force, provisions, &request, at);
                if let Err(refusal) = outcome.await {
                    tracing::error!(request = %request.id, %refusal, "an open request cannot be judged");
                    is_complete = false;
                }
            }
        }
        is_complete
    }

    async fn lapse_if_it_cannot_be(
        &self,
        in_force: &InForce,
        provisions: &Provisions,
        seen: &Request,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        if self.cannot_be(in_force, provisions, seen, at).is_none() {
            return Ok(());
        }
        let (request, version) = self.existing_request(&seen.id).await?;
        let because = self.cannot_be(in_force, provisions, &request, at);
        let lapsed = because.and_then(|because| request.lapse_for(&because, at));
        let Some(event) = lapsed else {
            return Ok(());
        };
        let stream = Stream::Request(request.id.clone());
        let proposal = Proposal::of(&stream, version, event, at);
        match self.sequencer.commit(proposal).await {
            Ok(_) => Ok(()),
            // Whoever decided at the same moment came first, on the version before; the next round looks again.
            Err(SequencerError::Rejected(rejected)) => Err(unavailable(rejected)),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Why nobody could file this today, where waiting mends nothing.
    fn cannot_be(
        &self,
        in_force: &InForce,
        provisions: &Provisions,
        request: &Request,
        at: Timestamp,
    ) -> Option<Refusal> {
        let catalog = &*in_force.catalog;
        for id in [&request.requester, &request.actor] {
            if !catalog.principal(id).is_some_and(|it| it.is_active()) {
                let detail = format!("`{id}` does not work here any more");
                return Some(Denial::NotEligible.because(detail));
            }
        }
        let circumstances = Circumstances {
            today: self.circumstances(at).today,
            local_hour: self.circumstances(request.filed_at).local_hour,
        };
        let filing = Filing::again(catalog, provisions, request, circumstances);
        let refusal = in_force.policies.may_file(&filing).err()?;
        // A rule that cannot answer may be corrected, and a review completed.
        let may_change = matches!(refusal.denial, Denial::PolicyError | Denial::ReviewOverdue);
        (!may_change).then_some(refusal)
    }

    /// Why a session may not go on, if it may not.
    async fn no_longer(
        &self,
        in_force: &InForce,
        provisions: &Provisions,
        session: &Session,
        at: Timestamp,
    ) -> Result<Option<(EndedBecause, String)>, Refusal> {
        if let Some(state) = self.closed_since(&session.case, session.started_at).await? {
            return Ok(Some((EndedBecause::CaseClosed, state)));
        }
        let (request, _) = self.existing_request(&session.request).await?;
        Ok(self.disallowed(in_force, provisions, &request, at))
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
        provisions: &Provisions,
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
        let filing = Filing::again(catalog, provisions, request, circumstances);
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
