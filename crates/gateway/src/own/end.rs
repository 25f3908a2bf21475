//! `end`: the actor ends the session. Ending only destroys; there is nobody to go back to.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::body::Incoming;
use locum_domain::session::EndedBecause;

use super::forget;
use crate::answer::{Answer, Page, RefusalAnswer, prefers_html};
use crate::request::{Door, FetchSite, authenticate};
use crate::session::EndNote;
use crate::site::Site;

/// Ends the session of the request's credential. The control plane records it first, and its commit cuts what
/// is in flight; if it cannot, the session is cut here all the same.
pub(super) async fn end(
    door: &Door,
    site: &Arc<Site>,
    request: Request<Incoming>,
) -> Response<Answer> {
    let gateway = &door.gateway;
    let refuse = |answer: RefusalAnswer| answer.to(&request, Some(site), gateway);
    let known = match authenticate(gateway, site, request.headers()) {
        Ok(known) => known,
        Err(unknown) => return door.unknown(&request, site, unknown),
    };
    if known.by_cookie && !is_from_here(request.headers(), site) {
        return refuse(RefusalAnswer::foreign());
    }
    let session = known.session.facts.id.clone();
    let recorded = gateway.ports.end_orders.ended_by_actor(&session).await;
    let note = EndNote {
        because: EndedBecause::EndedByActor,
        at: gateway.ports.clock.now(),
    };
    gateway.end(&session, note);
    let mut response = match recorded {
        Ok(()) => ended(request.headers(), &gateway.settings.public_url),
        Err(error) => {
            tracing::error!(%error, %session, "an end is not on the record");
            refuse(RefusalAnswer::end_unrecorded())
        }
    };
    forget(response.headers_mut(), site);
    response
}

/// Whether this host's own page asks, or the person at the browser. A program with a cookie and neither header
/// is told apart from nobody, so it is refused.
fn is_from_here(headers: &HeaderMap, site: &Site) -> bool {
    match FetchSite::of(headers) {
        FetchSite::None | FetchSite::SameOrigin => true,
        FetchSite::SameSite | FetchSite::CrossSite => false,
        FetchSite::Unsaid => headers
            .get(ORIGIN)
            .is_some_and(|origin| origin.as_bytes() == site.origin.as_bytes()),
    }
}

fn ended(asked: &HeaderMap, public_url: &str) -> Response<Answer> {
    if prefers_html(asked) {
        let page = Page {
            title: "The session has ended",
            sentences: vec!["Nothing of it is left in this browser.".to_owned()],
            button: Some((format!("{public_url}/"), "Back to Locum")),
            code: None,
            onward: None,
        };
        let mut response = Response::new(Answer::text(page.html()));
        Page::headers(response.headers_mut());
        return response;
    }
    let mut response = Response::new(Answer::text("{\"ended\":true}"));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
