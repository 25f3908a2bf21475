//! State as it is answered.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use locum_api::{FeedItem, RequestView, WayInView};
use locum_control::activate::WayIn;
use locum_control::read;
use locum_domain::Request;

use crate::precondition;

/// A request with its tag.
pub(crate) fn request(status: StatusCode, request: &Request) -> Response {
    let view = RequestView::from(request);
    let tag = precondition::value(&view);
    let place = HeaderValue::from_str(&format!("/api/v1/requests/{}", view.id));
    let mut answer = (status, [(header::ETAG, tag)], Json(view)).into_response();
    if let (StatusCode::CREATED, Ok(place)) = (status, place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer
}

/// A way into an application.
pub(crate) fn way_in(way: WayIn) -> WayInView {
    WayInView {
        application: way.application.to_string(),
        open_url: way.open_url,
        base_url: way.base_url,
    }
}

/// An item of the feed.
pub(crate) fn feed_item(item: read::FeedItem) -> FeedItem {
    match item {
        read::FeedItem::Whole(recorded) => FeedItem {
            position: recorded.position,
            at: recorded.at.to_string(),
            kind: recorded.event.kind().to_owned(),
            stream: Some(recorded.stream.to_string()),
            event: serde_json::to_value(&recorded.event).ok(),
        },
        read::FeedItem::Outline { position, at, kind } => FeedItem {
            position,
            at: at.to_string(),
            kind: kind.to_owned(),
            stream: None,
            event: None,
        },
    }
}
