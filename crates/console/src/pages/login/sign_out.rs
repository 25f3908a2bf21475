//! Signing out: the login ends here, and at the identity provider that began it.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_control::sign_in;
use locum_domain::event::LoginEndedBecause;
use locum_login::{CLEAR_SITE_DATA, How};
use maud::html;

use crate::page::Page;
use crate::posted::Posted;
use crate::same_site::origin;
use crate::visitor::view;

/// Ends this login. Where the identity provider began it, the browser goes on to end the provider's session too
/// (RP-Initiated Logout 1.0).
pub(crate) async fn sign_out(Posted { visitor, .. }: Posted) -> Response {
    let state = &visitor.state;
    let (person, login) = (&visitor.caller.principal, &visitor.login);
    let ended = state.logins.end(person, login);
    // It has ended, whether or not that can be recorded.
    let because = LoginEndedBecause::SignedOut;
    let _ = sign_in::end(&state.control, person, login.as_str(), because).await;
    let onward = match (&state.identity_provider, &ended) {
        (Some(it), Some(ended)) if matches!(ended.how, How::Oidc(_)) => {
            it.provider.logout_address(ended, None).await
        }
        _ => None,
    };
    let mut response = match onward {
        None => Redirect::to("/").into_response(),
        Some(address) => {
            let expected = visitor
                .view
                .reader
                .as_ref()
                .and_then(|it| it.sign_out_at.clone());
            if expected.as_deref() == Some(origin(&address)) {
                Redirect::to(&address).into_response()
            } else {
                // The page that was left forbids its forms to lead there, so that the person follows a link.
                let view = view(state, "/", None);
                also_there(&address).answer(&view)
            }
        }
    };
    let headers = response.headers_mut();
    let clear = HeaderName::from_static("clear-site-data");
    headers.insert(clear, HeaderValue::from_static(CLEAR_SITE_DATA));
    let cookie = AppendHeaders([(SET_COOKIE, state.logins.ended_cookie())]);
    (cookie, response).into_response()
}

fn also_there(address: &str) -> Page {
    let lead = html! { "You are signed out of Locum. Your identity provider may still know you." };
    let body = html! {
        p.actions {
            a.button.primary href=(address) { "Sign out there too" }
            a.button href="/" { "Locum" }
        }
    };
    Page::new("Signed out", lead, body)
}
