//! “Confirm it is you”: proving oneself again within a login, for acts that need more than having signed in.

use axum::extract::Query;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_control::authenticators::{self, authenticators};
use locum_domain::{Authenticator, Denial, Refusal};
use locum_login::passkeys::{AuthenticationResponse, PasskeyRefused, Proved};
use locum_login::{How, NewLogin, NotSteppedUp, Started, local_path};
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::refusal::Refused;
use crate::ceremony::{self, Asked, CREDENTIAL, SHOW};
use crate::fetched::{self, Fetched};
use crate::page::{Page, csrf};
use crate::peer::Peer;
use crate::posted::{Fields, Posted};
use crate::visitor::Visitor;

const WITHOUT_SCRIPT: &str = "Confirming asks your authenticator, which takes a script, and none runs here. \
     Open this page in another browser.";

/// The page that leads back to `path` once it is sure.
pub(crate) fn address(path: &str) -> String {
    match local_path(Some(path)) {
        "/" => "/confirm".to_owned(),
        path => format!(
            "/confirm?to={}",
            utf8_percent_encode(path, NON_ALPHANUMERIC)
        ),
    }
}

/// `/confirm?to=`
pub(crate) async fn show(visitor: Visitor, Query(query): Query<Vec<(String, String)>>) -> Response {
    let query = Fields(query);
    let to = local_path(query.one("to")).to_owned();
    let page = page(&visitor, &to).await;
    visitor.show(page, Refused::new("confirm it is you", "/account"))
}

async fn page(visitor: &Visitor, to: &str) -> Result<Page, Refusal> {
    let has_passkey = !own(visitor).await?.is_empty();
    let state = &visitor.state;
    let at_provider = match (&state.identity_provider, &visitor.signed_in.how) {
        (Some(provider), How::Oidc(_)) => Some(provider.host()),
        _ => None,
    };
    let lead = html! {
        "What you are about to do opens a regulated application or something as serious. Show your authenticator; it "
        "counts for 15 minutes, then you go on where you were."
    };
    let view = &visitor.view;
    let body = html! {
        @if has_passkey {
            form.stacked method="post" action="/confirm"
                data-ceremony=(SHOW) data-options="/confirm/options" data-field=(CREDENTIAL) {
                (csrf(view))
                input type="hidden" name="to" value=(to);
                button.primary type="submit" { "Confirm with my passkey" }
                (ceremony::parts(CREDENTIAL, WITHOUT_SCRIPT))
            }
        }
        @if let Some(host) = at_provider {
            p {
                a.button href={ "/login/oidc?again=yes&to=" (utf8_percent_encode(to, NON_ALPHANUMERIC)) } { "Confirm with " (host) }
            }
        }
        @if !has_passkey && at_provider.is_none() {
            p { "You have no authenticator yet. " a href="/account" { "Enrol one" } "; somebody who knows you signs for it." }
        }
        p { a.button href=(to) { "Leave it" } }
    };
    Ok(Page::new("Confirm it is you", lead, body).with_script())
}

/// The reader's passkeys in use.
async fn own(visitor: &Visitor) -> Result<Vec<Authenticator>, Refusal> {
    let (control, caller) = (&visitor.state.control, &visitor.caller);
    let own = authenticators(control, caller, &caller.principal).await?;
    let passkeys = own.live_passkeys().map(|held| held.authenticator.clone());
    Ok(passkeys.collect())
}

/// The challenge.
pub(crate) async fn options(Fetched { visitor, .. }: Fetched) -> Response {
    let asked = async {
        let own = own(&visitor).await?;
        let passkeys = &visitor.state.passkeys;
        let options = passkeys.step_up_options(&visitor.login, &own);
        let options = options
            .ok_or_else(|| Denial::RecorderUnavailable.because("there are no random bytes"))?;
        Ok(Asked::of(options))
    };
    fetched::answer(asked.await)
}

/// The same login, surer, under a new cookie.
pub(crate) async fn confirm(peer: Peer, Posted { visitor, fields }: Posted) -> Response {
    let to = local_path(fields.one("to")).to_owned();
    match confirmed(&visitor, &peer, fields.words(CREDENTIAL)).await {
        Ok(started) => {
            let cookie = AppendHeaders([(SET_COOKIE, started.set_cookie)]);
            (cookie, Redirect::to(&to)).into_response()
        }
        Err(refusal) => {
            let refusal = visitor.refused("confirm", refusal).await;
            let back = address(&to);
            visitor.show(Err(refusal), Refused::new("confirm it is you", &back))
        }
    }
}

async fn confirmed(visitor: &Visitor, peer: &Peer, credential: &str) -> Result<Started, Refusal> {
    let refusal = |refused: PasskeyRefused| ceremony::refusal(&refused);
    let response = AuthenticationResponse::read(credential.as_bytes()).map_err(refusal)?;
    let proved = proved(visitor, &response).await?;
    let how = How::Passkey {
        authenticator: proved.authenticator,
    };
    let proof = NewLogin::new(proved.principal, how, peer.seen_from());
    let stepped_up = visitor.state.logins.step_up(&peer.headers, proof);
    stepped_up.map_err(|refused| match refused {
        NotSteppedUp::SomebodyElse => {
            Denial::SignatureRequired.because("the authenticator is somebody else's")
        }
        NotSteppedUp::NoRandomness => {
            Denial::RecorderUnavailable.because("there are no random bytes")
        }
        NotSteppedUp::NotSignedIn(_) | NotSteppedUp::NotProved => {
            Denial::SignatureRequired.because("the authenticator proved nothing")
        }
    })
}

async fn proved(visitor: &Visitor, response: &AuthenticationResponse) -> Result<Proved, Refusal> {
    let (control, passkeys) = (&visitor.state.control, &visitor.state.passkeys);
    let held = authenticators::by_credential(control, &response.credential_id).await?;
    let found = held.map(|held| {
        let count = authenticators::last_count(control, &held.authenticator.id);
        (held.authenticator, count)
    });
    let find = move |_: &str| found.clone();
    let proved = passkeys.step_up(&visitor.login, response, &find);
    let proved = proved.map_err(|refused| ceremony::refusal(&refused))?;
    if !authenticators::counted(control, &proved.authenticator, proved.sign_count) {
        let detail =
            "another copy of this authenticator has signed since; revoke it if you have only one";
        return Err(Denial::SignatureRequired.because(detail));
    }
    Ok(proved)
}
