//! Reading: what a caller may see, by id and as lists. An auditor's look is on the record, and so is whoever takes
//! evidence out of the house.

use locum_domain::{
    Aggregate, Catalog, EventId, PrincipalId, Refusal, Request, RequestId, Review, ReviewId,
    Session, SessionId, Stream, Timestamp,
};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::evidence;
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
    /// Requests whose emergency skipped an authority that this person holds, and that nobody signed for yet.
    pub countersigner: Option<PrincipalId>,
    /// Emergencies that this person was told of and that are not over.
    pub told: Option<PrincipalId>,
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
    key(
        "countersigner",
        filter.countersigner.as_ref().map(ToString::to_string),
    );
    key("told", filter.told.as_ref().map(ToString::to_string));
    key("case", filter.case.clone());
    control.listed(caller, keys, before, limit).await
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
    control.listed(caller, of_state(state), before, limit).await
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
    control.listed(caller, of_state(state), before, limit).await
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
/// case and its review.
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

/// The same for a population, whose taking is on the record as a whole.
pub(crate) async fn history_of_event(
    control: &Control,
    id: &EventId,
) -> Result<Vec<LedgerRow>, Refusal> {
    let request = control.request_of_event(id).await?;
    history_of(control, &request).await
}

fn of_state(state: Option<String>) -> Vec<(String, String)> {
    state
        .map(|state| ("state".to_owned(), state))
        .into_iter()
        .collect()
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
    // How the record itself went on concerns every event.
    streams.push(Stream::Restores);
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
    let mut rows = evidence::with_links(control, rows).await?;
    rows.sort_by_key(|row| row.position);
    Ok(rows)
}

/// What can be listed: one kind of state, with who may see it.
trait Listable: Sized {
    /// The store's word for the kind.
    const KIND: &'static str;
    /// What an auditor's look at a list of them is called.
    const PLURAL: &'static str;

    fn of(state: Aggregate) -> Option<Self>;
    /// The id by which a list goes on.
    fn listed_as(&self) -> String;
    fn is_seen_by(&self, catalog: &Catalog, caller: &Caller) -> bool;
}

macro_rules! listable {
    ($kind:ident, $singular:literal, $plural:literal, $may_see:path) => {
        impl Listable for $kind {
            const KIND: &'static str = $singular;
            const PLURAL: &'static str = $plural;

            fn of(state: Aggregate) -> Option<Self> {
                match state {
                    Aggregate::$kind(state) => Some(*state),
                    _ => None,
                }
            }
            fn listed_as(&self) -> String {
                self.id.to_string()
            }
            fn is_seen_by(&self, catalog: &Catalog, caller: &Caller) -> bool {
                $may_see(catalog, &caller.principal, self)
            }
        }
    };
}

listable!(Request, "request", "requests", sight::may_see_request);
listable!(Session, "session", "sessions", sight::may_see_session);
listable!(Review, "review", "reviews", sight::may_see_review);

impl Control {
    /// A page of what the caller may see of one kind of thing. An auditor's look is recorded.
    async fn listed<T: Listable>(
        &self,
        caller: &Caller,
        keys: Vec<(String, String)>,
        before: Option<String>,
        limit: u32,
    ) -> Result<Listed<T>, Refusal> {
        let listed = self.page(caller, keys, before, limit).await?;
        let about = Stream::Principal(caller.principal.clone());
        self.looked(caller, &about, T::PLURAL).await?;
        Ok(listed)
    }

    async fn page<T: Listable>(
        &self,
        caller: &Caller,
        keys: Vec<(String, String)>,
        before: Option<String>,
        limit: u32,
    ) -> Result<Listed<T>, Refusal> {
        let catalog = self.catalog_for(caller);
        let visible = |state| T::of(state).filter(|it| it.is_seen_by(&catalog, caller));
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
                .list(T::KIND, query)
                .await
                .map_err(unavailable)?;
            let mut states = page.states.into_iter();
            while let Some(state) = states.next() {
                let Some(item) = visible(state) else {
                    continue;
                };
                let id = item.listed_as();
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
}
