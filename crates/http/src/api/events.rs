//! The feed, and access events with their evidence.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use locum_api::{FeedItem, Listing};
use locum_control::{evidence, read};
use locum_domain::EventId;

use super::look::looked;
use super::words;
use crate::command::Asking;
use crate::query::Query;
use crate::refused::Refused;
use crate::state::Front;
use crate::views;

type Answer = Result<Response, Refused>;

const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;
/// The greatest whole number that every JSON reader keeps (RFC 8259, section 6); no ledger gets there.
const LAST_POSITION: u64 = (1 << 53) - 1;
/// The longest that somebody may wait for something to happen.
const LONGEST_WAIT_SECONDS: u64 = 30;

/// The event feed: every ledger position after `after`, in order and without gaps.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "events",
    params(
        ("after" = Option<u64>, Query, maximum = 9_007_199_254_740_991_u64, description = "The last position already seen; everything unless told"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "At most so many; 100 unless told"),
        ("wait" = Option<u64>, Query, minimum = 0, maximum = 30, description = "Seconds to wait for something to happen"),
    ),
    responses((status = 200, body = Listing<FeedItem>, description = "`next` is the last position seen: the `after` of the next call"))
)]
pub(crate) async fn feed(
    State(front): State<Front>,
    Asking(caller): Asking,
    query: Query,
) -> Answer {
    let after = query.number_within("after", 0..=LAST_POSITION)?;
    let limit = query.number_within("limit", 1..=LARGEST_PAGE)?;
    let wait = query.number_within("wait", 0..=LONGEST_WAIT_SECONDS)?;
    let wait = Duration::from_secs(wait.unwrap_or(0));
    let from = after.map_or(0, |after| after.saturating_add(1));
    let control = front.control();
    let mut size = control.sequencer().size();
    // Nothing happened in time: the page is empty, and says so.
    let _ = tokio::time::timeout(wait, size.wait_for(|size| *size > from)).await;
    let items = read::feed(control, &caller, after, limit.unwrap_or(PAGE)).await;
    let items = looked(&front, &caller, items).await?;
    let items: Vec<FeedItem> = items.into_iter().map(views::feed_item).collect();
    let next = items.last().map(|item| item.position).or(after);
    let next = next.map(|position| position.to_string());
    let link = next.as_deref().and_then(|next| query.link("after", next));
    let mut answer = Json(Listing { items, next }).into_response();
    if let Some(link) = link {
        answer.headers_mut().insert(header::LINK, link);
    }
    Ok(answer)
}

/// The access event: the whole story of one request and its session, in every application.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}",
    tag = "events",
    params(("id" = String, Path, description = "The access event's id, `evt_…`")),
    responses((status = 200, body = Object, description = "The story, as the evidence pack's access-event.json has it"))
)]
pub(crate) async fn show(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let event = match words::id::<EventId>(&id) {
        Ok(id) => evidence::access_event(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let event = looked(&front, &caller, event).await?;
    Ok(Json(event).into_response())
}

/// The evidence pack, which an outsider verifies alone.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/evidence",
    tag = "events",
    params(("id" = String, Path, description = "The access event's id, `evt_…`")),
    responses((status = 200, body = String, content_type = "application/zip", description = "One canonical zip"))
)]
pub(crate) async fn evidence(
    State(front): State<Front>,
    Asking(caller): Asking,
    Path(id): Path<String>,
) -> Answer {
    let pack = match words::id::<EventId>(&id) {
        Ok(id) => evidence::pack(front.control(), &caller, &id).await,
        Err(refusal) => Err(refusal),
    };
    let pack = looked(&front, &caller, pack).await?;
    // An id that was found is letters, digits and an underscore.
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{id}.zip\""));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        ),
        (
            header::CONTENT_DISPOSITION,
            name.unwrap_or_else(|_| HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, pack).into_response())
}
