//! Signing in by picking who one is (development alone), and signing out.

use axum::extract::{Form, Query, State};
use axum::http::header::{HOST, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_domain::{Catalog, PrincipalId};
use locum_login::SeenFrom;
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::welcome;
use crate::page::Page;
use crate::posted::{Fields, Posted};
use crate::return_path;
use crate::same_site::{SentFrom, origin, sent_from};
use crate::state::ConsoleState;
use crate::visitor::{Visitor, view};

/// The sign-in page that leads on to `path`.
pub(crate) fn address(path: &str) -> String {
    match return_path::local(Some(path)) {
        "/" => "/login".to_owned(),
        path => format!("/login?to={}", utf8_percent_encode(path, NON_ALPHANUMERIC)),
    }
}

/// In development, where the console is reached by several names of one machine: the same page by the name that
/// tickets come back to, so that the login is there when they do.
pub(crate) fn by_its_own_name(
    console: &ConsoleState,
    headers: &HeaderMap,
    path: &str,
) -> Option<Response> {
    let origin = origin(&console.public_url);
    let host = headers.get(HOST)?.to_str().ok()?;
    let is_own = origin.split_once("://").is_some_and(|(_, own)| own == host);
    let is_production = console.control.settings().is_production;
    (!is_own && !is_production).then(|| Redirect::to(&format!("{origin}{path}")).into_response())
}

/// The picker.
pub(crate) async fn show(
    State(console): State<ConsoleState>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let path = uri.path_and_query().map_or("/login", |path| path.as_str());
    if let Some(elsewhere) = by_its_own_name(&console, &headers, path) {
        return elsewhere;
    }
    let query = Fields(query);
    let to = return_path::local(query.one("to"));
    let lead = html! { "Choose whom to be. Each of them sees only what is theirs to see." };
    let picker = console.logins.is_picking_allowed();
    let body = |view| welcome::picker(view, picker, to);
    match Visitor::of(&console, &headers, uri.path()) {
        Some(visitor) => Page::new("Sign in", lead, body(&visitor.view)).answer(&visitor.view),
        None => {
            let view = view(&console, uri.path(), None);
            Page::new("Sign in", lead, body(&view)).answer(&view)
        }
    }
}

/// Begins the login of whoever was picked. There is no login yet whose token the form could carry, so the
/// browser itself must say that our own page sent it.
pub(crate) async fn begin(
    State(console): State<ConsoleState>,
    headers: HeaderMap,
    uri: Uri,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let refuse = |why: &str| {
        let lead = html! { (why) };
        let body = html! { p { a.button href="/login" { "Sign in" } } };
        let page =
            Page::new("You are not signed in", lead, body).with_status(StatusCode::FORBIDDEN);
        page.answer(&view(&console, uri.path(), None))
    };
    if sent_from(&headers, &console.public_url) != SentFrom::Here {
        return refuse("The form does not come from this console's own page.");
    }
    let catalog = console.control.in_force().catalog.clone();
    let Some(person) = fields.one("person").and_then(|id| active(&catalog, id)) else {
        return refuse("Nobody active in the catalog has this id.");
    };
    let Some(started) = console.logins.pick(person, SeenFrom::of(&headers, None)) else {
        return refuse("On this server nobody may say who they are without proving it.");
    };
    // Whoever becomes somebody else leaves no login behind.
    if let Some(before) = Visitor::of(&console, &headers, uri.path()) {
        console.logins.end(&before.caller.principal, &before.login);
    }
    let to = return_path::local(fields.one("to"));
    let cookie = AppendHeaders([(SET_COOKIE, started.set_cookie)]);
    (cookie, Redirect::to(to)).into_response()
}

fn active(catalog: &Catalog, id: &str) -> Option<PrincipalId> {
    let id: PrincipalId = id.parse().ok()?;
    catalog
        .people
        .get(&id)
        .filter(|it| it.is_active)
        .map(|_| id)
}

/// Ends this login.
pub(crate) async fn end(Posted { visitor, .. }: Posted) -> Response {
    let logins = &visitor.state.logins;
    logins.end(&visitor.caller.principal, &visitor.login);
    let cookie = AppendHeaders([(SET_COOKIE, logins.ended_cookie())]);
    (cookie, Redirect::to("/")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_one_query_parameter() {
        assert_eq!(
            address("/requests?state=pending&a=b"),
            "/login?to=%2Frequests%3Fstate%3Dpending%26a%3Db"
        );
        assert_eq!(address("//evil.example"), "/login");
        assert_eq!(address("/"), "/login");
    }
}
