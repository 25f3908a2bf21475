//! `session`: who acts as whom, as JSON.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use serde_json::json;

use crate::answer::Answer;
use crate::request::{Door, authenticate};
use crate::site::Site;

/// Describes the session of the request's credential.
pub(super) fn session<B>(door: &Door, site: &Arc<Site>, request: &Request<B>) -> Response<Answer> {
    let known = match authenticate(&door.gateway, site, request.headers()) {
        Ok(known) => known,
        Err(unknown) => return door.unknown(request, site, unknown),
    };
    let facts = &known.session.facts;
    let application = known.application();
    let end_by = known.session.end_by().at;
    let text = json!({
        "session": facts.id,
        "application": site.id,
        "case": facts.case,
        "subject": application.map(|it| it.subject.as_str()),
        "actor": facts.actor,
        "mode": application.map(|it| it.mode(site)),
        "expires_at": end_by,
    });
    let mut response = Response::new(Answer::text(text.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
