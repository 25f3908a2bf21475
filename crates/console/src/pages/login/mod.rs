//! Signing in: at the identity provider, with a passkey, or in development by picking; and signing out.

mod begun;
pub(crate) mod oidc;
mod page;
pub(crate) mod passkey;
pub(crate) mod pick;
pub(crate) mod sign_out;

use axum::extract::{Query, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use locum_login::local_path;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::posted::Fields;
use crate::same_site::origin;
use crate::state::ConsoleState;
use crate::visitor::{Visitor, view};

pub(crate) use begun::{NewlyIn, begun};
pub(crate) use page::{NotIn, picker};
use page::{Ways, page};

/// What the doors' counter calls this room.
pub(crate) const LISTENER: &str = "console";

/// The sign-in page that leads on to `path`.
pub(crate) fn address(path: &str) -> String {
    match local_path(Some(path)) {
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

/// `/login?to=`
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
    shown(&console, &headers, local_path(query.one("to")), None)
}

/// Nobody was signed in: the sign-in page says why and what helps. The same words for every account, so that nobody
/// learns here who works in this house.
pub(crate) fn not_in(
    console: &ConsoleState,
    headers: &HeaderMap,
    to: &str,
    reason: &str,
    why: NotIn,
) -> Response {
    console.strangers.refused(LISTENER, reason);
    shown(console, headers, to, Some(why))
}

fn shown(
    console: &ConsoleState,
    headers: &HeaderMap,
    to: &str,
    problem: Option<NotIn>,
) -> Response {
    let ways = Ways {
        provider: console.identity_provider.as_ref().map(|it| it.host()),
        is_picking_allowed: console.logins.is_picking_allowed(),
        to,
    };
    match Visitor::of(console, headers, "/login") {
        Some(visitor) => page(&visitor.view, &ways, problem).answer(&visitor.view),
        None => {
            let view = view(console, "/login", None);
            page(&view, &ways, problem).answer(&view)
        }
    }
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
