//! Reading: what a caller may see, by id and as lists. An auditor's look is on the record, and everybody's at
//! evidence.

use locum_domain::{
    Aggregate, Denial, EventId, PrincipalId, Refusal, Request, RequestId, Review, ReviewId,
    Session, SessionId, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
pub use crate::feed::{FeedItem, feed};
use crate::ports::{LedgerRow, Query};
use crate::sight;

/// A list, newest first, and where it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    pub state: Option<String>,
    /// Only those whose route names this person.
    pub approver: Option<PrincipalId>,
    pub requester: Option<PrincipalId>,
    pub case: Option<String>,
}

const LARGEST_PAGE: u32 = 200;
/// How much of the store one call looks through for what its caller may see.
const MOST_STORE_PAGES: u32 = 20;

/// One request.
///
/// # Errors
/// `not-found` for what is not there or not for the caller's eyes.
pub async fn request(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
) -> Result<Request, Refusal> {
    let (request, _) = control.visible_request(caller, id).await?;
    control
        .looked(caller, &Stream::Request(id.clone()), id.as_str())
        .await?;
    Ok(request)
}

/// Requests that the caller may see.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn requests(
    control: &Control,
    caller: &Caller,
    filter: &RequestFilter,
    before: Option<String>,
    limit: u32,
) -> Result<Listed<Request>, Refusal> {
    let mut keys = Vec::new();
    let mut key = |name: &str, value: Option<String>| {
        keys.extend(value.map(|value| (name.to_owned(), value)));
    };
    key("state", filter.state.clone());
    key(
        "approver",
        filter.approver.as_ref().map(ToString::to_string),
    );
    key(
        "requester",
        filter.requester.as_ref().map(ToString::to_string),
    );
    key("case", filter.case.clone());
    let in_force = control.in_force();
    let listed = control
        .listed("request", keys, before, limit, |state| match state {
            Aggregate::Request(request)
                if sight::may_see_request(&in_force.catalog, &caller.principal, &request) =>
            {
                Some((request.id.to_string(), *request))
            }
            _ => None,
        })
        .await?;
    control
        .looked(
            caller,
            &Stream::Principal(caller.principal.clone()),
            "requests",
        )
        .await?;
    Ok(listed)
}

/// One session.
///
/// # Errors
/// As for a request.
pub async fn session(
    control: &Control,
    caller: &Caller,
    id: &SessionId,
) -> Result<Session, Refusal> {
    let session = control.visible_session(caller, id).await?;
    control
        .looked(caller, &Stream::Session(id.clone()), id.as_str())
        .await?;
    Ok(session)
}

/// Sessions that the caller may see; `state` is `live` or `ended`.
///
/// # Errors
/// As for requests.
pub async fn sessions(
    control: &Control,
    caller: &Caller,
    state: Option<String>,
    before: Option<String>,
    limit: u32,
) -> Result<Listed<Session>, Refusal> {
    let keys = state
        .map(|state| ("state".to_owned(), state))
        .into_iter()
        .collect();
    let in_force = control.in_force();
    let listed = control
        .listed("session", keys, before, limit, |state| match state {
            Aggregate::Session(session)
                if sight::may_see_session(&in_force.catalog, &caller.principal, &session) =>
            {
                Some((session.id.to_string(), *session))
            }
            _ => None,
        })
        .await?;
    control
        .looked(
            caller,
            &Stream::Principal(caller.principal.clone()),
            "sessions",
        )
        .await?;
    Ok(listed)
}

/// Reviews that the caller owes or may see; `state` is `open` or `completed`.
///
/// # Errors
/// As for requests.
pub async fn reviews(
    control: &Control,
    caller: &Caller,
    state: Option<String>,
    before: Option<String>,
    limit: u32,
) -> Result<Listed<Review>, Refusal> {
    let keys = state
        .map(|state| ("state".to_owned(), state))
        .into_iter()
        .collect();
    let in_force = control.in_force();
    let listed = control
        .listed("review", keys, before, limit, |state| match state {
            Aggregate::Review(review)
                if sight::may_see_review(&in_force.catalog, &caller.principal, &review) =>
            {
                Some((review.id.to_string(), *review))
            }
            _ => None,
        })
        .await?;
    control
        .looked(
            caller,
            &Stream::Principal(caller.principal.clone()),
            "reviews",
        )
        .await?;
    Ok(listed)
}

/// One review.
///
/// # Errors
/// As for a request.
pub async fn review(control: &Control, caller: &Caller, id: &ReviewId) -> Result<Review, Refusal> {
    let review = control.visible_review(caller, id).await?.0;
    control
        .looked(caller, &Stream::Review(id.clone()), id.as_str())
        .await?;
    Ok(review)
}

/// The request of an access event.
///
/// # Errors
/// As for a request.
pub async fn request_of_event(
    control: &Control,
    caller: &Caller,
    id: &EventId,
) -> Result<Request, Refusal> {
    let request = control.visible_event(caller, id).await?;
    control
        .looked(caller, &Stream::Request(request.id.clone()), id.as_str())
        .await?;
    Ok(request)
}

/// Everything recorded of one access event, in ledger order: its request and session, what lengthened it, its
/// case and its review. This is evidence, and whoever reads it is on the record.
///
/// # Errors
/// As for a request.
pub async fn event_history(
    control: &Control,
    caller: &Caller,
    id: &EventId,
) -> Result<Vec<LedgerRow>, Refusal> {
    let request = control.visible_event(caller, id).await?;
    let about = Stream::Request(request.id.clone());
    control.looked(caller, &about, id.as_str()).await?;
    history_of(control, &request).await
}

/// The same for evidence that leaves the house: that is on the record whoever takes it.
pub(crate) async fn history_to_take(
    control: &Control,
    caller: &Caller,
    id: &EventId,
) -> Result<Vec<LedgerRow>, Refusal> {
    let request = control.visible_event(caller, id).await?;
    let about = Stream::Request(request.id.clone());
    let what = format!("{id}, the evidence pack");
    control.read_evidence(caller, &about, &what).await?;
    history_of(control, &request).await
}

async fn history_of(control: &Control, request: &Request) -> Result<Vec<LedgerRow>, Refusal> {
    let mut streams = vec![
        Stream::Request(request.id.clone()),
        Stream::Case(request.case.reference.clone()),
    ];
    if let Some(session) = request.session() {
        streams.push(Stream::Session(session.clone()));
        let reviews = control.reviews_of(session).await?.into_iter();
        streams.extend(reviews.map(|review| Stream::Review(review.id)));
        let extensions = control
            .requests_with("extends", session.as_str(), Timestamp::MIN)
            .await?;
        streams.extend(
            extensions
                .into_iter()
                .map(|request| Stream::Request(request.id)),
        );
    }
    let mut rows = Vec::new();
    for stream in streams {
        rows.extend(
            control
                .ports
                .store
                .history(&stream)
                .await
                .map_err(unavailable)?,
        );
    }
    rows.sort_by_key(|row| row.position);
    Ok(rows)
}

impl Control {
    async fn listed<T>(
        &self,
        kind: &'static str,
        keys: Vec<(String, String)>,
        before: Option<String>,
        limit: u32,
        visible: impl Fn(Aggregate) -> Option<(String, T)>,
    ) -> Result<Listed<T>, Refusal> {
        let limit = limit.clamp(1, LARGEST_PAGE);
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut items, mut before) = (Vec::new(), before);
        for round in 0..MOST_STORE_PAGES {
            let query = Query {
                keys: keys.clone(),
                before: before.take(),
                // Whoever sees everything is served by the first round.
                limit: if round == 0 { limit } else { LARGEST_PAGE },
            };
            let page = self
                .ports
                .store
                .list(kind, query)
                .await
                .map_err(unavailable)?;
            let mut states = page.states.into_iter();
            while let Some(state) = states.next() {
                let Some((id, item)) = visible(state) else {
                    continue;
                };
                items.push(item);
                if items.len() == wanted {
                    let is_last = states.len() == 0 && page.next.is_none();
                    let next = (!is_last).then_some(id);
                    return Ok(Listed { items, next });
                }
            }
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        // Short when there is no more, or when so much was looked through that the caller asks for the rest.
        Ok(Listed {
            items,
            next: before,
        })
    }

    /// The request that an access event began with; its extensions share the event.
    async fn visible_event(&self, caller: &Caller, id: &EventId) -> Result<Request, Refusal> {
        let missing = || Denial::NotFound.because("no such access event");
        let of_event = self
            .requests_with("event", id.as_str(), Timestamp::MIN)
            .await?;
        let first = of_event.into_iter().find(|it| it.extends.is_none());
        let first = first.ok_or_else(missing)?;
        match self.visible_request(caller, &first.id).await {
            Ok((request, _)) => Ok(request),
            Err(refusal) if refusal.denial == Denial::NotFound => Err(missing()),
            Err(refusal) => Err(refusal),
        }
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
        let catalog = &self.in_force().catalog;
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
        if sight::may_see_session(&self.in_force().catalog, &caller.principal, &session) {
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
                if sight::may_see_review(&self.in_force().catalog, &caller.principal, &review)
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
            limit: LARGEST_PAGE,
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
            Stream::Principal(id) => Ok(*id == caller.principal),
            Stream::Governance | Stream::Case(_) | Stream::Doors => Ok(false),
        };
        match outcome {
            Err(refusal) if refusal.denial == Denial::NotFound => Ok(false),
            other => other,
        }
    }

    async fn sees_hold(&self, caller: &Caller, stream: &Stream) -> Result<bool, Refusal> {
        let loaded = self.ports.store.load(stream).await.map_err(unavailable)?;
        let catalog = &self.in_force().catalog;
        Ok(match loaded.state {
            Some(Aggregate::Hold(hold)) => sight::may_see_hold(catalog, &caller.principal, &hold),
            _ => false,
        })
    }
}
