//! Ending my logins: one of them, or all but this.

use axum::extract::Path;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use locum_control::sign_in;
use locum_domain::Denial;
use locum_domain::event::LoginEndedBecause;
use locum_login::LoginId;

use crate::pages::refusal::Refused;
use crate::posted::Posted;
use crate::visitor::Visitor;

/// Ends one.
pub(crate) async fn end(Path(id): Path<String>, Posted { visitor, .. }: Posted) -> Response {
    let id = LoginId::from(id.as_str());
    if !ended(&visitor, &id).await {
        let refusal =
            Denial::NotFound.because("none of your logins has this id; it may have ended");
        let refusal = visitor.refused("end-login", refusal).await;
        return visitor.show(Err(refusal), Refused::new("end this login", "/account"));
    }
    if id == visitor.login {
        let cookie = AppendHeaders([(SET_COOKIE, visitor.state.logins.ended_cookie())]);
        return (cookie, Redirect::to("/")).into_response();
    }
    Redirect::to("/account").into_response()
}

/// Ends all but this one.
pub(crate) async fn end_others(Posted { visitor, .. }: Posted) -> Response {
    let (person, this) = (&visitor.caller.principal, &visitor.login);
    for login in visitor.state.logins.end_others(person, this) {
        on_record(&visitor, &login.id).await;
    }
    Redirect::to("/account").into_response()
}

/// Ends a login of the reader's and records it. It has ended whether or not that can be recorded.
async fn ended(visitor: &Visitor, id: &LoginId) -> bool {
    let person = &visitor.caller.principal;
    let is_ended = visitor.state.logins.end(person, id).is_some();
    if is_ended {
        on_record(visitor, id).await;
    }
    is_ended
}

/// Records that a login of the reader's ended. That this could not be recorded keeps it alive no longer.
async fn on_record(visitor: &Visitor, id: &LoginId) {
    let person = &visitor.caller.principal;
    let because = match *id == visitor.login {
        true => LoginEndedBecause::SignedOut,
        false => LoginEndedBecause::Revoked,
    };
    let _ = sign_in::end(&visitor.state.control, person, id.as_str(), because).await;
}
