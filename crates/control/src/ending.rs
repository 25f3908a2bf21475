//! Ending a session: one rule for every cause. The session, its request and its review change in one commit.

use locum_domain::session::EndedBecause;
use locum_domain::{
    Aggregate, Denial, Event, Happened, PrincipalId, Refusal, Request, Review, Session, SessionId,
    Stream, Timestamp,
};

use crate::control::{Control, unavailable};
use crate::ports::{Guard, Proposal, Query};

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
        let (request, request_version) = self.existing_request(&session.request).await?;
        let extension = self.extension_of(&session).await?;
        let longer = extension.as_ref().map(|(request, _)| request);
        let review = self.review_of(&session, &request, longer, at);
        let mut guards = vec![
            Guard::Version {
                stream: Stream::Session(session.id.clone()),
                version,
            },
            Guard::Version {
                stream: Stream::Request(request.id.clone()),
                version: request_version,
            },
        ];
        let happened = |stream, event| Happened { stream, at, event };
        let request_ended = Event::RequestEnded {
            request: request.id.clone(),
            session: session.id.clone(),
            at,
        };
        let mut events = vec![
            happened(Stream::Session(session.id.clone()), ended),
            happened(Stream::Request(request.id.clone()), request_ended),
            happened(
                Stream::Review(review.id.clone()),
                Event::ReviewOpened { review },
            ),
        ];
        if let Some((extension, version)) = extension {
            let stream = Stream::Request(extension.id.clone());
            guards.push(Guard::Version {
                stream: stream.clone(),
                version,
            });
            let extension_ended = Event::RequestEnded {
                request: extension.id,
                session: session.id.clone(),
                at,
            };
            events.push(happened(stream, extension_ended));
        }
        Ok(Proposal {
            guards,
            events,
            outbox: Vec::new(),
        })
    }

    /// Ends whatever `sessions` are still live, in one commit; the ids that this commit ended.
    pub(crate) async fn ending_all(
        &self,
        sessions: &[Session],
        because: EndedBecause,
        by: Option<&PrincipalId>,
        at: Timestamp,
    ) -> Result<Proposal, Refusal> {
        let mut all = Proposal::default();
        for session in sessions {
            match self.ending(&session.id, because, by.cloned(), at).await {
                Ok(proposal) => {
                    all.guards.extend(proposal.guards);
                    all.events.extend(proposal.events);
                }
                // Another ender came first: it is over, which is what was wanted.
                Err(refusal) if refusal.denial == Denial::AlreadyDecided => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(all)
    }

    /// The request that lengthened the session, which ends with it.
    async fn extension_of(&self, session: &Session) -> Result<Option<(Request, u64)>, Refusal> {
        match &session.extended_by {
            Some(extension) => Ok(Some(self.existing_request(extension).await?)),
            None => Ok(None),
        }
    }

    fn review_of(
        &self,
        session: &Session,
        request: &Request,
        extension: Option<&Request>,
        at: Timestamp,
    ) -> Review {
        let in_force = self.in_force();
        let catalog = &*in_force.catalog;
        let mut barred = vec![session.requester.clone(), session.actor.clone()];
        barred.extend(session.approvers.iter().cloned());
        let lengthened = extension.into_iter().flat_map(|it| it.route.approvals());
        barred.extend(lengthened.map(|approval| approval.by.clone()));
        barred.extend(extension.map(|it| it.requester.clone()));
        barred.extend(catalog.sponsor_of(&session.actor).cloned());
        barred.extend(catalog.sponsor_of(&session.requester).cloned());
        barred.sort();
        barred.dedup();
        Review {
            id: self.review_id(at),
            session: session.id.clone(),
            request: session.request.clone(),
            event: session.event.clone(),
            reviewer: in_force.policies.reviewer(catalog, request, &barred),
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
            let at = self.time_to_end();
            let stream = Stream::Session(session.id.clone());
            let (current, version) = self.existing_session(&session.id).await?;
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
                continue;
            }
            let guards = vec![Guard::Version { stream, version }];
            // Somebody else confirmed meanwhile, or the store is away: the next round sees.
            let _ = self
                .sequencer
                .commit(Proposal {
                    guards,
                    events,
                    outbox: Vec::new(),
                })
                .await;
        }
        Ok(())
    }
}
