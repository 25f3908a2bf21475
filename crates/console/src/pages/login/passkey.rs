//! Signing in with a passkey that the browser finds by itself: nobody says who they are before they prove it.

use axum::extract::{Form, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use locum_control::authenticators;
use locum_domain::Denial;
use locum_login::attempts::Attempt;
use locum_login::passkeys::{AuthenticationResponse, PasskeyRefused, Proved};
use locum_login::{How, NewLogin, local_path};

use super::{NewlyIn, NotIn, begun, not_in};
use crate::ceremony::{Asked, CREDENTIAL};
use crate::fetched::{self, FetchedBefore};
use crate::peer::Peer;
use crate::posted::Fields;
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;

const ANOTHER_SITE: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "The form does not come from this console's own page.",
    remedy: "Sign in here.",
};
const TOO_LONG: NotIn = NotIn {
    status: StatusCode::BAD_REQUEST,
    words: "The page waited too long for your authenticator.",
    remedy: "Try again.",
};
/// The same for a passkey that nobody has, that was revoked, and whose owner left.
const NOBODY: NotIn = NotIn {
    status: StatusCode::FORBIDDEN,
    words: "This passkey signs nobody in here.",
    remedy: "Use the one you enrolled, or sign in another way.",
};
const TOO_OFTEN: NotIn = NotIn {
    status: StatusCode::TOO_MANY_REQUESTS,
    words: "Too many attempts from where you are.",
    remedy: "Wait a minute, then try again. Nobody is locked out.",
};

/// A challenge for whoever is there: the same answer for everybody.
pub(crate) async fn options(State(console): State<ConsoleState>, _: FetchedBefore) -> Response {
    match console.passkeys.sign_in_options() {
        Some((options, set_cookie)) => {
            let cookie = AppendHeaders([(SET_COOKIE, set_cookie)]);
            (cookie, fetched::answer(Ok(Asked::of(options)))).into_response()
        }
        None => fetched::refused(&Denial::RecorderUnavailable.because("no random bytes")),
    }
}

/// Whoever proved themselves is signed in.
pub(crate) async fn verify(
    State(console): State<ConsoleState>,
    peer: Peer,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let to = local_path(fields.one("to"));
    let no = |reason: &str, why| not_in(&console, &peer.headers, to, reason, why);
    if sent_from(&peer.headers, &console.public_url) != SentFrom::Here {
        return no("another-site", ANOTHER_SITE);
    }
    let response = match AuthenticationResponse::read(fields.words(CREDENTIAL).as_bytes()) {
        Ok(response) => response,
        Err(refused) => return no(refused.code(), NOBODY),
    };
    // Whoever proves themselves is never refused for what others tried from the same address.
    let proved = match proved(&console, &peer, &response).await {
        Ok(proved) => proved,
        Err(refused) => {
            let (from, account) = (peer.counted_as(), Some(response.credential_id.as_str()));
            return match console.attempts.count(Attempt::Passkey, from, account) {
                Err(_) => no("too-many-attempts", TOO_OFTEN),
                Ok(()) if matches!(refused, PasskeyRefused::NoChallenge) => {
                    no(refused.code(), TOO_LONG)
                }
                Ok(()) => no(refused.code(), NOBODY),
            };
        }
    };
    let Proved {
        principal: person,
        authenticator,
        ..
    } = proved;
    let how = How::Passkey { authenticator };
    let login = NewLogin::new(person.clone(), how.clone(), peer.seen_from());
    let Some(started) = console.logins.begin(login) else {
        return no("no-randomness", TOO_LONG);
    };
    let newly = NewlyIn {
        person,
        how,
        started,
    };
    match begun(&console, &peer, newly, to).await {
        Some(mut response) => {
            let ended = HeaderValue::from_str(&console.passkeys.signed_in_cookie());
            response
                .headers_mut()
                .extend(ended.map(|cookie| (SET_COOKIE, cookie)));
            response
        }
        None => no("not-here-any-more", NOBODY),
    }
}

/// Who it is, by the ledger's own keys. A count that does not grow is a copied key's.
async fn proved(
    console: &ConsoleState,
    peer: &Peer,
    response: &AuthenticationResponse,
) -> Result<Proved, PasskeyRefused> {
    let control = &console.control;
    let held = authenticators::by_credential(control, &response.credential_id).await;
    let held = held.map_err(|_| PasskeyRefused::Unknown)?;
    let found = held.map(|held| {
        let count = authenticators::last_count(control, &held.authenticator.id);
        (held.authenticator, count)
    });
    let find = move |_: &str| found.clone();
    let proved = console.passkeys.sign_in(&peer.headers, response, &find)?;
    if !authenticators::counted(control, &proved.authenticator, proved.sign_count) {
        return Err(PasskeyRefused::Unknown);
    }
    Ok(proved)
}
