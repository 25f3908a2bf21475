//! A login begins: on the record first, under a cookie that is new, and whatever login the browser had is over.

use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_control::sign_in;
use locum_domain::PrincipalId;
use locum_domain::event::{LoginBegun, LoginEndedBecause};
use locum_login::{How, Started, local_path};

use crate::peer::Peer;
use crate::state::ConsoleState;
use crate::visitor::Visitor;

/// Somebody who was signed in, before anybody is told.
pub(crate) struct NewlyIn {
    pub(crate) person: PrincipalId,
    pub(crate) how: How,
    pub(crate) started: Started,
}

/// Sends the browser on with its new cookie. `to` is followed only within this console. `None` when the login must
/// not be: its person left, or nothing can be recorded.
pub(crate) async fn begun(
    console: &ConsoleState,
    peer: &Peer,
    newly: NewlyIn,
    to: &str,
) -> Option<Response> {
    let NewlyIn {
        person,
        how,
        started,
    } = newly;
    let (acr, amr) = match &how {
        How::Oidc(sign_in) => (sign_in.acr.clone(), sign_in.amr.clone()),
        _ => (None, Vec::new()),
    };
    let login = LoginBegun {
        id: started.id.to_string(),
        how: how.as_str().to_owned(),
        acr,
        amr,
    };
    if sign_in::begin(&console.control, &person, login)
        .await
        .is_err()
    {
        console.logins.end(&person, &started.id);
        return None;
    }
    // Whoever becomes somebody else leaves no login behind.
    if let Some(before) = Visitor::of(console, &peer.headers, "/login") {
        let ended = console.logins.end(&before.caller.principal, &before.login);
        if ended.is_some() {
            let (principal, login) = (&before.caller.principal, before.login.as_str());
            // It has ended; that this could not be recorded keeps nobody out.
            let because = LoginEndedBecause::SignedOut;
            let _ = sign_in::end(&console.control, principal, login, because).await;
        }
    }
    let cookie = AppendHeaders([(SET_COOKIE, started.set_cookie)]);
    Some((cookie, Redirect::to(local_path(Some(to)))).into_response())
}
