//! State as it is answered.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use locum_api::{CredentialView, FeedItem, LoginView, RequestView, StatementView, WayInView};
use locum_control::StatementToSign;
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

/// What somebody would sign.
pub(crate) fn statement(to_sign: StatementToSign) -> StatementView {
    let credential = |it: locum_control::Credential| CredentialView {
        authenticator: it.authenticator.to_string(),
        credential_id: it.credential_id,
    };
    StatementView {
        purpose: to_sign.purpose.to_owned(),
        digest: to_sign.digest,
        statement: to_sign.statement,
        credentials: to_sign.credentials.into_iter().map(credential).collect(),
        key_files: to_sign.key_files.iter().map(ToString::to_string).collect(),
        rp_id: to_sign.rp_id,
    }
}

/// A login as its owner sees it.
pub(crate) fn login(login: locum_login::LoginView) -> LoginView {
    LoginView {
        id: login.id.to_string(),
        how: login.how.to_owned(),
        browser: login.seen_from.browser,
        address: login.seen_from.address.map(|it| it.to_string()),
        began_at: login.began_at.to_string(),
        last_seen_at: login.last_seen_at.to_string(),
        end_by: login.end_by.to_string(),
        is_this: login.is_this,
    }
}
