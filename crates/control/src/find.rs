//! Finding: what is there, and what of it is the caller's to see. What is not is `not-found`, as if it were not.

use locum_domain::{
    Aggregate, Denial, EventId, PrincipalId, Refusal, Request, RequestId, Review, ReviewId,
    Session, SessionId, Stream, Timestamp,
};

use crate::authenticators::answers_for;
use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::Query;
use crate::sight;

/// A session has one review; more than this would be another bug's doing.
const MOST_REVIEWS: u32 = 200;

const NO_EVENT: &str = "no such access event";

impl Control {
    /// The request that an access event began with; its extensions share the event.
    pub(crate) async fn visible_event(
        &self,
        caller: &Caller,
        id: &EventId,
    ) -> Result<Request, Refusal> {
        let first = self.request_of_event(id).await?;
        match self.visible_request(caller, &first.id).await {
            Ok((request, _)) => Ok(request),
            Err(refusal) if refusal.denial == Denial::NotFound => {
                Err(Denial::NotFound.because(NO_EVENT))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// The request that an access event began with, whoever may see it.
    pub(crate) async fn request_of_event(&self, id: &EventId) -> Result<Request, Refusal> {
        let of_event = self
            .requests_with("event", id.as_str(), Timestamp::MIN)
            .await?;
        let first = of_event.into_iter().find(|it| it.extends.is_none());
        first.ok_or_else(|| Denial::NotFound.because(NO_EVENT))
    }

    /// The request and its version, if it exists.
    pub(crate) async fn request(&self, id: &RequestId) -> Result<Option<(Request, u64)>, Refusal> {
        let stream = Stream::Request(id.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        Ok(match loaded.state {
            Some(Aggregate::Request(request)) => Some((*request, loaded.version)),
            _ => None,
        })
    }

    pub(crate) async fn existing_request(&self, id: &RequestId) -> Result<(Request, u64), Refusal> {
        self.request(id)
            .await?
            .ok_or_else(|| Denial::NotFound.because("no such request"))
    }

    /// The request after a verb of the caller's own.
    pub(crate) async fn request_named(&self, id: &RequestId) -> Result<Request, Refusal> {
        Ok(self.existing_request(id).await?.0)
    }

    pub(crate) async fn visible_request(
        &self,
        caller: &Caller,
        id: &RequestId,
    ) -> Result<(Request, u64), Refusal> {
        let (request, version) = self.existing_request(id).await?;
        let catalog = &self.catalog_for(caller);
        if sight::may_see_request(catalog, &caller.principal, &request) {
            return Ok((request, version));
        }
        let is_reviewer = match request.session() {
            Some(session) => {
                let reviews = self.reviews_of(session).await?;
                reviews
                    .iter()
                    .any(|review| sight::may_see_review(catalog, &caller.principal, review))
            }
            None => false,
        };
        if is_reviewer {
            Ok((request, version))
        } else {
            Err(Denial::NotFound.because("no such request"))
        }
    }

    pub(crate) async fn existing_session(&self, id: &SessionId) -> Result<(Session, u64), Refusal> {
        let stream = Stream::Session(id.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        match loaded.state {
            Some(Aggregate::Session(session)) => Ok((*session, loaded.version)),
            _ => Err(Denial::NotFound.because("no such session")),
        }
    }

    pub(crate) async fn visible_session(
        &self,
        caller: &Caller,
        id: &SessionId,
    ) -> Result<Session, Refusal> {
        let (session, _) = self.existing_session(id).await?;
        if sight::may_see_session(&self.catalog_for(caller), &caller.principal, &session) {
            Ok(session)
        } else {
            Err(Denial::NotFound.because("no such session"))
        }
    }

    pub(crate) async fn visible_review(
        &self,
        caller: &Caller,
        id: &ReviewId,
    ) -> Result<(Review, u64), Refusal> {
        let stream = Stream::Review(id.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        match loaded.state {
            Some(Aggregate::Review(review))
                if sight::may_see_review(&self.catalog_for(caller), &caller.principal, &review)
                    || review.barred.contains(&caller.principal) =>
            {
                Ok((*review, loaded.version))
            }
            _ => Err(Denial::NotFound.because("no such review")),
        }
    }

    pub(crate) async fn reviews_of(&self, session: &SessionId) -> Result<Vec<Review>, Refusal> {
        let keys = vec![("session".to_owned(), session.to_string())];
        let query = Query {
            keys,
            before: None,
            limit: MOST_REVIEWS,
        };
        let page = self
            .ports
            .store
            .list("review", query)
            .await
            .map_err(unavailable)?;
        Ok(page
            .states
            .into_iter()
            .filter_map(|state| match state {
                Aggregate::Review(review) => Some(*review),
                _ => None,
            })
            .collect())
    }

    /// Whether the thing is there and the caller's to see.
    pub(crate) async fn sees(&self, caller: &Caller, stream: &Stream) -> Result<bool, Refusal> {
        let outcome = match stream {
            Stream::Request(id) => self.visible_request(caller, id).await.map(|_| true),
            Stream::Session(id) => self.visible_session(caller, id).await.map(|_| true),
            Stream::Review(id) => self.visible_review(caller, id).await.map(|_| true),
            Stream::Hold(_) => self.sees_hold(caller, stream).await,
            Stream::Enrolment(id) => self.sees_enrolments(caller, id).await,
            // Whose keys everything is signed under is for everybody to know.
            Stream::Founding => Ok(true),
            Stream::Exception(id) => self.sees_exception(caller, id).await,
            Stream::Erasure(_) => Ok(self.sees_erasures(caller)),
            Stream::Change(id) => self.sees_change(caller, id).await,
            Stream::Delegations(id) => Ok(sight::owns(
                &self.catalog_for(caller),
                &caller.principal,
                id,
            )),
            Stream::Absence(id) | Stream::Principal(id) => Ok(*id == caller.principal),
            Stream::Governance
            | Stream::Case(_)
            | Stream::Doors
            | Stream::Witnesses
            | Stream::Rules
            | Stream::Restores => Ok(false),
        };
        match outcome {
            Err(refusal) if refusal.denial == Denial::NotFound => Ok(false),
            other => other,
        }
    }

    /// The person, whoever has a say in their keys, and those who see everything.
    async fn sees_enrolments(
        &self,
        caller: &Caller,
        person: &PrincipalId,
    ) -> Result<bool, Refusal> {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        if who == person || sight::sees_all(&catalog, who) {
            return Ok(true);
        }
        let founders = self.founders().await?;
        Ok(answers_for(&catalog, &founders, who, person))
    }

    async fn sees_hold(&self, caller: &Caller, stream: &Stream) -> Result<bool, Refusal> {
        let loaded = self.ports.store.load(stream).await.map_err(unavailable)?;
        let catalog = &self.catalog_for(caller);
        Ok(match loaded.state {
            Some(Aggregate::Hold(hold)) => sight::may_see_hold(catalog, &caller.principal, &hold),
            _ => false,
        })
    }
}
