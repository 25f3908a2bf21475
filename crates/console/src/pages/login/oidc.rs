//! Signing in at the identity provider: going there, and coming back.

use axum::extract::{Query, RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_login::oidc::{Finished, ProviderFailure, Wish, person_of};
use locum_login::{How, LoginId, NewLogin, local_path};

use super::{NewlyIn, NotIn, begun, by_its_own_name, not_in};
use crate::peer::Peer;
use crate::posted::Fields;
use crate::state::{ConsoleState, IdentityProvider};
use crate::visitor::Visitor;

const NO_PROVIDER: NotIn = NotIn {
    status: StatusCode::NOT_FOUND,
    words: "This server has no identity provider.",
    remedy: "Sign in in one of these ways.",
};
const NOBODY: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "Your identity provider knows you, and Locum does not.",
    remedy: "Ask whoever keeps Locum's catalog to write this account down as yours.",
};
const BUSY: NotIn = NotIn {
    status: StatusCode::SERVICE_UNAVAILABLE,
    words: "Locum cannot sign anybody in at the moment.",
    remedy: "Try again in a minute.",
};
const NOT_PROVED: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "Your identity provider confirmed no authenticator just now.",
    remedy: "Confirm it is you with a passkey, or choose a stronger way at your provider.",
};
const SOMEBODY_ELSE: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "You came back from your identity provider as somebody else.",
    remedy: "Sign out there, then sign in as yourself.",
};

/// `/login/oidc?to=`: off to the provider. With `again=yes`, to prove oneself anew within the login.
pub(crate) async fn start(
    State(console): State<ConsoleState>,
    Query(query): Query<Vec<(String, String)>>,
    RawQuery(raw): RawQuery,
    peer: Peer,
) -> Response {
    let path = format!("/login/oidc?{}", raw.unwrap_or_default());
    if let Some(elsewhere) = by_its_own_name(&console, &peer.headers, &path) {
        return elsewhere;
    }
    let query = Fields(query);
    let to = local_path(query.one("to")).to_owned();
    let Some(provider) = console.identity_provider.clone() else {
        return not_in(&console, &peer.headers, &to, "no-provider", NO_PROVIDER);
    };
    let visitor = match query.one("again") {
        Some(_) => Visitor::of(&console, &peer.headers, "/login"),
        None => None,
    };
    let wish = match visitor {
        Some(visitor) => Wish::StepUp {
            login: visitor.login,
            to: to.clone(),
        },
        None => Wish::SignIn { to: to.clone() },
    };
    match provider.provider.begin(wish).await {
        Ok(it) => {
            let cookie = AppendHeaders([(SET_COOKIE, it.set_cookie)]);
            (cookie, Redirect::to(&it.location)).into_response()
        }
        Err(failure) => failed(&console, &peer, &to, &failure),
    }
}

/// `/login/oidc/callback`: back from the provider, with its answer in the query.
pub(crate) async fn callback(
    State(console): State<ConsoleState>,
    RawQuery(query): RawQuery,
    peer: Peer,
) -> Response {
    let Some(provider) = console.identity_provider.clone() else {
        return not_in(&console, &peer.headers, "/", "no-provider", NO_PROVIDER);
    };
    let query = query.unwrap_or_default();
    let finished = match provider.provider.finish(&peer.headers, &query).await {
        Ok(finished) => finished,
        Err(failure) => return failed(&console, &peer, "/", &failure),
    };
    let set_cookie = finished.set_cookie.clone();
    let mut response = signed_in(&console, &peer, &provider, finished).await;
    if let Ok(cookie) = HeaderValue::from_str(&set_cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

async fn signed_in(
    console: &ConsoleState,
    peer: &Peer,
    provider: &IdentityProvider,
    finished: Finished,
) -> Response {
    let catalog = console.control.in_force().catalog.clone();
    let (Wish::SignIn { to } | Wish::StepUp { to, .. }) = &finished.wish;
    let Ok(person) = person_of(&catalog, &provider.system, &finished.account) else {
        return not_in(console, &peer.headers, to, "no-person", NOBODY);
    };
    let how = How::Oidc(finished.sign_in);
    let login = NewLogin::new(person.clone(), how.clone(), peer.seen_from())
        .with_id_token(finished.id_token);
    if let Wish::StepUp { login: within, to } = &finished.wish {
        return stepped_up(console, peer, login, within, to);
    }
    let Some(started) = console.logins.begin(login) else {
        return not_in(console, &peer.headers, to, "no-randomness", BUSY);
    };
    let newly = NewlyIn {
        person,
        how,
        started,
    };
    match begun(console, peer, newly, to).await {
        Some(response) => response,
        None => not_in(console, &peer.headers, to, "not-here-any-more", BUSY),
    }
}

/// The same login, surer. Another login than the one that went away gains nothing.
fn stepped_up(
    console: &ConsoleState,
    peer: &Peer,
    proof: NewLogin,
    within: &LoginId,
    to: &str,
) -> Response {
    let visitor = Visitor::of(console, &peer.headers, "/login");
    if visitor.is_none_or(|visitor| visitor.login != *within) {
        return not_in(console, &peer.headers, to, "another-login", SOMEBODY_ELSE);
    }
    match console.logins.step_up(&peer.headers, proof) {
        Ok(started) => {
            let cookie = AppendHeaders([(SET_COOKIE, started.set_cookie)]);
            (cookie, Redirect::to(local_path(Some(to)))).into_response()
        }
        Err(locum_login::NotSteppedUp::NotProved) => {
            not_in(console, &peer.headers, to, "not-proved", NOT_PROVED)
        }
        Err(_) => not_in(console, &peer.headers, to, "somebody-else", SOMEBODY_ELSE),
    }
}

fn failed(console: &ConsoleState, peer: &Peer, to: &str, failure: &ProviderFailure) -> Response {
    let (status, words, remedy) = match failure {
        ProviderFailure::NotBegun => (
            StatusCode::BAD_REQUEST,
            "This browser has no sign-in under way.",
            "It took longer than ten minutes, or was finished already. Sign in again.",
        ),
        ProviderFailure::State => (
            StatusCode::FORBIDDEN,
            "The answer belongs to another sign-in.",
            "Begin here yourself. If somebody sent you a link, tell security.",
        ),
        ProviderFailure::Refused(_) => (
            StatusCode::FORBIDDEN,
            "Your identity provider did not sign you in.",
            "Try again, or ask whoever runs it.",
        ),
        ProviderFailure::Silent(_) | ProviderFailure::Discovery(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The identity provider cannot be asked at the moment.",
            "Try again in a minute. A passkey works without it.",
        ),
        ProviderFailure::NoRandomness => (BUSY.status, BUSY.words, BUSY.remedy),
        ProviderFailure::Issuer
        | ProviderFailure::Malformed(_)
        | ProviderFailure::Token(_)
        | ProviderFailure::Replayed
        | ProviderFailure::NoAccount => (
            StatusCode::FORBIDDEN,
            "The identity provider's answer cannot be believed.",
            "Sign in again. If it happens twice, tell whoever runs this server.",
        ),
    };
    let why = NotIn {
        status,
        words,
        remedy,
    };
    not_in(console, &peer.headers, to, failure.code(), why)
}
