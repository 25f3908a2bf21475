//! A request at a GraphQL endpoint: its body is read before it is judged, and goes on as it came.

use bytes::Bytes;
use http::request::Parts;
use http_body::Body as _;
use hyper::body::Incoming;
use locum_domain::Denial;
use locum_domain::access::{Endpoint, NotAdmitted, Permit};
use locum_domain::catalog::Effect;

use super::authenticate::Authenticated;
use super::path::{segments, without_parameters};
use super::spool::{NotSpooled, spool};
use crate::gateway::Inner;
use crate::graphql::{self, LONGEST_BODY, Unread};
use crate::site::Site;

/// Whether a request's document says what it is.
///
/// # Errors
/// When the path is an endpoint's in one of its readings only, or the method is none of the endpoint's.
pub(super) fn is_document(site: &Site, method: &str, path: &str) -> Result<bool, Box<NotAdmitted>> {
    if !site.table.has_endpoints() {
        return Ok(false);
    }
    // A path that cannot be read is refused on the way of all requests.
    let Ok(segments) = segments(path) else {
        return Ok(false);
    };
    let read: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let bare: Vec<&str> = read.iter().map(|it| without_parameters(it)).collect();
    let one = site.table.endpoint(method, &read);
    if one != site.table.endpoint(method, &bare) {
        let detail = "the path has two readings, because of its `;`";
        return Err(NotAdmitted::because(
            Denial::UnclassifiedRoute.because(detail),
        ));
    }
    match one {
        Endpoint::No => Ok(false),
        Endpoint::Graphql => Ok(true),
        Endpoint::OtherMethod => Err(unclassified(Unread::Method)),
    }
}

/// Reads the request's document and judges everything it asks for: a permit for each, and the body as it came.
///
/// # Errors
/// As for every request, and `unclassified-route` for what cannot be read with certainty. What was counted as used
/// before another part was refused stays counted.
pub(super) async fn admit(
    gateway: &Inner,
    known: &Authenticated,
    parts: &Parts,
    body: Incoming,
    has_destination: bool,
) -> Result<(Vec<Permit>, Bytes), Box<NotAdmitted>> {
    let opened = &known.opened;
    let table = &opened.site.table;
    // A route that is closed is closed whatever comes by it, and an ended session has nothing read.
    let by_path = super::admit::permit_for(known, parts, gateway.ports.clock.boot_ms());
    if let Err(not) = by_path
        && [Denial::SessionEnded, Denial::ClosedOperation].contains(&not.refusal.denial)
    {
        return Err(not);
    }
    if has_destination {
        let detail = "`Destination` belongs to another operation";
        return Err(NotAdmitted::because(Denial::OutOfScope.because(detail)));
    }
    graphql::check_head(parts).map_err(unclassified)?;
    let is_post = parts.method == http::Method::POST;
    if !is_post && !body.is_end_stream() {
        return Err(unclassified(Unread::BodyBesideQuery));
    }
    let patience = gateway.settings.limits.head_timeout;
    let body = spool(body, LONGEST_BODY, patience).await;
    let body = body.map_err(|why| match why {
        NotSpooled::TooLarge => unclassified(Unread::TooLarge),
        NotSpooled::TooLate => malformed("the body did not come in time"),
        NotSpooled::Broken => malformed("the body broke off"),
    })?;
    let calls = graphql::calls(parts, &body).map_err(unclassified)?;
    // Time has passed since: the session is looked at again.
    let now_ms = gateway.ports.clock.boot_ms();
    let permits = opened
        .scope
        .admit_graphql(table, &calls, opened.as_ref(), now_ms)?;
    for permit in &permits {
        let is_counted = permit.effect() != Effect::Asset;
        if !opened.take(permit.index()) || (is_counted && !known.session.take_use()) {
            let detail = "this session used it as often as allowed";
            let refusal = Denial::BudgetSpent.because(detail);
            let asked = permit.object().unwrap_or(permit.template()).to_owned();
            return Err(NotAdmitted::after(permit, refusal).asking(Some(asked)));
        }
    }
    Ok((permits, body))
}

fn unclassified(why: Unread) -> Box<NotAdmitted> {
    NotAdmitted::because(Denial::UnclassifiedRoute.because(why.to_string()))
}

fn malformed(detail: &str) -> Box<NotAdmitted> {
    NotAdmitted::because(Denial::Malformed.because(detail))
}
