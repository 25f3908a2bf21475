//! `open`: a one-time ticket becomes this browser's cookie.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, Request, Response, StatusCode};
use locum_domain::catalog::Effect;

use super::{clear, forget, set_cookie};
use crate::answer::{Answer, Page, RefusalAnswer};
use crate::gateway::Inner;
use crate::request::{Door, FetchSite, authenticate, cookies_named, is_ahead};
use crate::session::{Opened, Shown, Stage, Ticket, digest};
use crate::site::Site;

/// How long a browser may take over the login at `public_url`.
const PASS_SECONDS: u64 = 60;

/// Redeems a ticket, or sends the browser to show its login first.
pub(super) fn open<B>(door: &Door, site: &Arc<Site>, request: &Request<B>) -> Response<Answer> {
    let gateway = &door.gateway;
    let refuse = |answer: RefusalAnswer| answer.to(request, Some(site), gateway);
    let spent = || {
        door.stranger("spent-ticket");
        refuse(RefusalAnswer::spent_ticket())
    };
    if is_ahead(request.headers()) {
        return refuse(RefusalAnswer::foreign());
    }
    let Some(token) = token(request.uri().query()) else {
        return spent();
    };
    let boot_ms = gateway.ports.clock.boot_ms();
    let Some(ticket) = gateway.tickets.peek(token, boot_ms) else {
        return spent();
    };
    if ticket.stage == Stage::Ready && FetchSite::of(request.headers()).is_foreign() {
        // Neither another site nor a sibling application may hand it to a browser; only the console's own pass
        // leads over `public_url`. Not spent: somebody else's page must not be able to use it up.
        door.stranger("cross-site");
        return refuse(RefusalAnswer::foreign());
    }
    // From here on it is spent; of two who come at once, one gets it. The one that waits at the login is
    // taken there, not here.
    if matches!(ticket.stage, Stage::Passing { .. }) {
        return spent();
    }
    let Some(ticket) = gateway.tickets.take(token, boot_ms) else {
        return spent();
    };
    if ticket.application != site.id {
        return spent();
    }
    if let Some(note) = ticket.session.ended() {
        let mut response = refuse(RefusalAnswer::ended(note));
        // Unless the browser is in by another session meanwhile.
        if authenticate(gateway, site, request.headers()).is_err() {
            forget(response.headers_mut(), site);
        }
        return response;
    }
    match &ticket.stage {
        Stage::MustPass => to_login(gateway, site, token, ticket).unwrap_or_else(spent),
        Stage::Passed { browser } => {
            let nonces = nonce_name(site);
            let is_same = cookies_named(request.headers(), nonces)
                .any(|nonce| digest(nonce.as_bytes()) == *browser);
            if !is_same {
                door.stranger("other-browser");
                return refuse(RefusalAnswer::foreign());
            }
            let mut response = enter(door, site, request, &ticket).unwrap_or_else(spent);
            set_cookie(
                response.headers_mut(),
                nonces,
                "",
                site.is_secure(),
                Some(0),
            );
            response
        }
        Stage::Ready | Stage::Passing { .. } => {
            enter(door, site, request, &ticket).unwrap_or_else(spent)
        }
    }
}

/// The ticket in the query; there is exactly one.
fn token(query: Option<&str>) -> Option<&str> {
    let mut tickets = query?
        .split('&')
        .filter_map(|pair| pair.strip_prefix("ticket="));
    let token = tickets.next()?;
    tickets.next().is_none().then_some(token)
}

fn nonce_name(site: &Site) -> &'static str {
    if site.is_secure() {
        "__Host-locum-opening"
    } else {
        "locum-opening"
    }
}

/// Remembers this browser and sends it to `public_url`: a link that somebody else made leads into that
/// person's login, or nowhere.
fn to_login(gateway: &Inner, site: &Site, token: &str, ticket: Ticket) -> Option<Response<Answer>> {
    let nonce = gateway.secret().ok()?;
    let waiting = Ticket {
        stage: Stage::Passing {
            browser: digest(nonce.as_bytes()),
        },
        ..ticket
    };
    let boot_ms = gateway.ports.clock.boot_ms();
    gateway.tickets.keep(token, waiting, boot_ms);
    let to = format!("{}/open/{token}", gateway.settings.public_url);
    let mut response = Response::new(Answer::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::try_from(to).ok()?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    set_cookie(
        headers,
        nonce_name(site),
        &nonce,
        site.is_secure(),
        Some(PASS_SECONDS),
    );
    Some(response)
}

/// Gives the browser its cookie, and sends it on. Where the way here led over another site, the browser would
/// call the next request cross-site too; a page of this host's own sends it on then.
fn enter<B>(
    door: &Door,
    site: &Arc<Site>,
    request: &Request<B>,
    ticket: &Ticket,
) -> Option<Response<Answer>> {
    let gateway = &door.gateway;
    let opened = ticket.session.application(&site.id)?.opened()?;
    let cookie = gateway.secret().ok()?;
    gateway.credentials.keep_cookie(
        digest(cookie.as_bytes()),
        Shown {
            session: ticket.session.clone(),
            application: site.id.clone(),
            token: None,
        },
    );
    let to = landing(&opened);
    let mut response = if FetchSite::of(request.headers()).is_foreign() {
        let page = Page {
            title: &site.name,
            sentences: Vec::new(),
            button: Some((to.clone(), "Go on")),
            code: None,
            onward: Some(&to),
        };
        let mut response = Response::new(Answer::text(page.html()));
        Page::headers(response.headers_mut());
        response
    } else {
        let mut response = Response::new(Answer::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        response
            .headers_mut()
            .insert(LOCATION, HeaderValue::try_from(to).ok()?);
        response
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    clear(headers);
    set_cookie(headers, site.cookie_name(), &cookie, site.is_secure(), None);
    Some(response)
}

/// Where an opened application begins: `/` if the session may see it, else the first granted page that has one
/// address.
fn landing(opened: &Opened) -> String {
    let table = &opened.site.table;
    let may = |path: &str| {
        let segments: Vec<&str> = path
            .split('/')
            .skip(1)
            .filter(|it| !it.is_empty())
            .collect();
        table.find("GET", &segments).is_some_and(|matched| {
            (matched.operation.closed.is_none() || opened.scope.opened.contains(matched.index))
                && matched.operation.effect != Effect::Asset
                && matched.operation.max_per_session.is_none()
                && opened.scope.operations.contains(matched.index)
        })
    };
    let mut routes = table
        .operations()
        .iter()
        .flat_map(|operation| &operation.routes)
        .filter_map(|route| route.strip_prefix("GET "));
    if may("/") {
        return "/".to_owned();
    }
    routes
        .find(|path| !path.contains(['*', '%']) && may(path))
        .unwrap_or("/")
        .to_owned()
}
