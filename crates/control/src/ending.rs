//! Ending a session: one rule for every cause. The session, its request and its review change in one commit.

use locum_domain::catalog::Role;
use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, Catalog, Denial, Event, Happened, PrincipalId, Refusal, Request, RequestState,
    Review, Session, SessionId, Stream, Timestamp,
};
use tokio::task::JoinSet;

use crate::control::{Control, unavailable};
use crate::ledger::SequencerError;
use crate::ports::{Guard, Proposal, Query};
use crate::sight;

/// How often an end is proposed anew because something else came first.
const MOST_ATTEMPTS: usize = 8;
/// How many ends are under way at once. The sequencer takes what waits into one transaction.
const AT_ONCE: usize = 64;

impl Control {
    /// The proposal that ends one session.
    pub(crate) async fn ending(
        &self,
        id: &SessionId,
        because: EndedBecause,
        by: Option<PrincipalId>,
        at: Timestamp,
    ) -> Result<Proposal, Refusal> {
        let (session, version) = self.existing_session(id).await?;
        let ended = session.end(because, by, at)?;
        let happened = |stream, event| Happened { stream, at, event };
        let stream = Stream::Session(session.id.clone());
        let mut proposal = Proposal {
            guards: vec![Guard::Version {
                stream: stream.clone(),
                version,
            }],
            events: vec![happened(stream, ended)],
            outbox: Vec::new(),
        };
        let request = self
            .end_request_of(&session, &session.request, at, &mut proposal)
            .await?;
        if let Some(extension) = &session.extended_by {
            self.end_request_of(&session, extension, at, &mut proposal)
                .await?;
        }
        let review = self.review_of(&session, &request, at);
        let stream = Stream::Review(review.id.clone());
        let opened = Event::ReviewOpened { review };
        proposal.events.push(happened(stream, opened));
        Ok(proposal)
    }

    /// Adds the end of a request that the session stands on.
    async fn end_request_of(
        &self,
        session: &Session,
        id: &locum_domain::RequestId,
        at: Timestamp,
        proposal: &mut Proposal,
    ) -> Result<Request, Refusal> {
        let (request, version) = self
            .request(id)
            .await?
            .ok_or_else(|| unavailable(format!("{} stands on no request", session.id)))?;
        let stream = Stream::Request(id.clone());
        proposal.guards.push(Guard::Version {
            stream: stream.clone(),
            version,
        });
        if matches!(request.state, RequestState::Activated { .. }) {
            let event = Event::RequestEnded {
                request: id.clone(),
                session: session.id.clone(),
                at,
            };
            proposal.events.push(Happened { stream, at, event });
        }
        Ok(request)
    }

    /// Ends one session, whatever others do meanwhile; `false` when it was over already. What cannot be recorded
    /// is cut all the same and recorded later.
    pub(crate) async fn end_one(
        &self,
        id: &SessionId,
        because: EndedBecause,
        by: Option<&PrincipalId>,
    ) -> Result<bool, Refusal> {
        let outcome = self.try_end(id, because, by).await;
        if outcome
            .as_ref()
            .is_err_and(|refusal| refusal.denial != Denial::NotFound)
        {
            self.cut(id, because, by.cloned(), self.time_to_end());
        }
        outcome
    }

    /// Records the end of one session; `false` when it was over already.
    pub(crate) async fn try_end(
        &self,
        id: &SessionId,
        because: EndedBecause,
        by: Option<&PrincipalId>,
    ) -> Result<bool, Refusal> {
        for _ in 0..MOST_ATTEMPTS {
            let at = self.time_to_end();
            let proposal = match self.ending(id, because, by.cloned(), at).await {
                Ok(proposal) => proposal,
                Err(refusal) if refusal.denial == Denial::AlreadyDecided => return Ok(false),
                Err(refusal) => return Err(refusal),
            };
            match self.sequencer.commit(proposal).await {
                Ok(_) => return Ok(true),
                Err(SequencerError::Rejected(_)) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(Denial::Conflict.because("others keep deciding at the same moment"))
    }

    /// Ends each of these on its own, many at once, so that neither one that ends by itself meanwhile nor one
    /// that cannot be read keeps another alive. Answers what was cut, also where the record of it is owed.
    ///
    /// It goes on when whoever asked for it goes away.
    pub(crate) async fn end_each(
        &self,
        sessions: Vec<SessionId>,
        because: EndedBecause,
        by: Option<PrincipalId>,
    ) -> Vec<SessionId> {
        if sessions.is_empty() {
            return Vec::new();
        }
        let sweep = sweep(self.clone(), sessions, because, by);
        tokio::spawn(sweep).await.unwrap_or_else(|error| {
            tracing::error!(%error, "ending broke off; the jobs go on with it");
            Vec::new()
        })
    }

    fn review_of(&self, session: &Session, request: &Request, at: Timestamp) -> Review {
        let in_force = self.in_force();
        let catalog = &*in_force.catalog;
        let mut barred = vec![session.requester.clone(), session.actor.clone()];
        barred.extend(session.approvers.iter().cloned());
        barred.extend(catalog.sponsor_of(&session.actor).cloned());
        barred.extend(catalog.sponsor_of(&session.requester).cloned());
        barred.sort();
        barred.dedup();
        let reviewer = in_force
            .policies
            .reviewer(catalog, request, &barred)
            .or_else(|| stand_in(catalog, &session.actor, &barred));
        let looks_after_security =
            |id| sight::has_role(catalog, id, &[Role::Security, Role::SecurityControlOwner]);
        if reviewer.is_none() {
            tracing::error!(session = %session.id, "nobody is left to review this session");
        }
        Review {
            id: self.review_id(at),
            session: session.id.clone(),
            request: session.request.clone(),
            event: session.event.clone(),
            is_security: reviewer.as_ref().is_some_and(looks_after_security),
            reviewer,
            due: self.working_days_after(at, session.review_within_days),
            opened_at: at,
            barred,
            completed: None,
        }
    }

    /// Live sessions that carry all these keys.
    pub(crate) async fn live_sessions(
        &self,
        keys: &[(&str, String)],
    ) -> Result<Vec<Session>, crate::ports::StoreError> {
        let mut wanted = vec![("state".to_owned(), "live".to_owned())];
        wanted.extend(
            keys.iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone())),
        );
        self.sessions_with(wanted).await
    }

    pub(crate) async fn sessions_with(
        &self,
        keys: Vec<(String, String)>,
    ) -> Result<Vec<Session>, crate::ports::StoreError> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let query = Query {
                keys: keys.clone(),
                before,
                limit: 200,
            };
            let page = self.ports.store.list("session", query).await?;
            found.extend(page.states.into_iter().filter_map(|state| match state {
                Aggregate::Session(session) => Some(*session),
                _ => None,
            }));
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Records, for every session whose end was ordered, that the enforcement points here hold nothing of it
    /// any more: cookies, tickets, tokens, jars and requests in flight are gone. What cannot be recorded now
    /// stays `ending`, is shown as such and is tried again by the jobs.
    pub(crate) async fn confirm_ended(&self) {
        if let Err(refusal) = self.try_confirm_ended().await {
            tracing::warn!(%refusal, "ends are not confirmed yet");
        }
    }

    async fn try_confirm_ended(&self) -> Result<(), Refusal> {
        let keys = vec![("unconfirmed".to_owned(), "yes".to_owned())];
        let sessions = self.sessions_with(keys).await.map_err(unavailable)?;
        let live = self.ports.data_plane.live();
        for session in sessions {
            if live.iter().any(|view| view.session == session.id) {
                continue;
            }
            if let Err(refusal) = self.confirm_one(&session.id).await {
                tracing::warn!(session = %session.id, %refusal, "an end is not confirmed yet");
            }
        }
        Ok(())
    }

    async fn confirm_one(&self, id: &SessionId) -> Result<(), Refusal> {
        let at = self.time_to_end();
        let stream = Stream::Session(id.clone());
        let (current, version) = self.existing_session(id).await?;
        let events: Vec<Happened> = current
            .unconfirmed()
            .map(|application| Event::ApplicationEnded {
                session: current.id.clone(),
                application: application.clone(),
                at,
            })
            .map(|event| Happened {
                stream: stream.clone(),
                at,
                event,
            })
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        let guards = vec![Guard::Version { stream, version }];
        let proposal = Proposal {
            guards,
            events,
            outbox: Vec::new(),
        };
        match self.sequencer.commit(proposal).await {
            // Somebody else confirmed meanwhile: the next round sees.
            Ok(_) | Err(SequencerError::Rejected(_)) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

async fn sweep(
    control: Control,
    sessions: Vec<SessionId>,
    because: EndedBecause,
    by: Option<PrincipalId>,
) -> Vec<SessionId> {
    let mut waiting = sessions.into_iter();
    let mut running = JoinSet::new();
    let mut cut = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(id) = waiting.next()
        {
            let (control, by) = (control.clone(), by.clone());
            running.spawn(async move {
                let outcome = control.end_one(&id, because, by.as_ref()).await;
                (id, outcome)
            });
        }
        match running.join_next().await {
            None => return cut,
            Some(Ok((id, Ok(true)))) => cut.push(id),
            Some(Ok((_, Ok(false)))) => {}
            Some(Ok((session, Err(refusal)))) => {
                tracing::error!(%session, %refusal, "an end is not recorded yet");
                cut.push(session);
            }
            Some(Err(error)) => tracing::error!(%error, "an end broke off; the jobs try again"),
        }
    }
}

/// Who reviews when policy finds nobody: security, then who answers for the actor's chain, and an auditor last,
/// because whoever reviews a session cannot audit it any more. Always a named person who works here and is not
/// barred.
fn stand_in(catalog: &Catalog, actor: &PrincipalId, barred: &[PrincipalId]) -> Option<PrincipalId> {
    let with = |role: Role| {
        let people = catalog.people.keys();
        people.filter(move |id| sight::has_role(catalog, id, &[role]))
    };
    let chain = catalog.chain_of(actor);
    let answerable = chain
        .into_iter()
        .flat_map(|chain| std::iter::once(&chain.accountable_owner).chain(&chain.successor));
    let works_here = |id: &PrincipalId| catalog.people.get(id).is_some_and(|it| it.is_active);
    with(Role::Security)
        .chain(answerable)
        .chain(with(Role::Auditor))
        .find(|id| works_here(id) && !barred.contains(id))
        .cloned()
}
