//! What the script of one of our own pages asks for. It is answered with JSON, and changes nothing.

use axum::Json;
use axum::extract::{Form, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use locum_domain::{Denial, Refusal, Stream};
use serde::Serialize;

use crate::posted::Fields;
use crate::state::ConsoleState;
use crate::status;
use crate::visitor::Visitor;

/// Where the script shows its page's token: no other site can send this header without being asked first.
const TOKEN: &str = "x-csrf-token";

/// A signed-in person whose page asks, and the fields of the form it stands on.
pub(crate) struct Fetched {
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
}

/// The same of somebody who is not signed in, and has no token.
pub(crate) struct FetchedBefore {
    pub(crate) fields: Fields,
}

/// A refusal as the script shows it.
#[derive(Serialize)]
struct Said {
    code: &'static str,
    words: String,
}

/// An answer that the script shows in its page.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let words = format!(
        "{} {}",
        sentence(&refusal.detail),
        sentence(refusal.remedy())
    );
    let said = Said {
        code: refusal.denial.code(),
        words,
    };
    (status::of(refusal.denial), Json(said)).into_response()
}

/// An answer of one's own words that the script shows in its page.
pub(crate) fn told(status: StatusCode, code: &'static str, words: &str) -> Response {
    let words = words.to_owned();
    (status, Json(Said { code, words })).into_response()
}

/// What was asked for, or why not.
pub(crate) fn answer(asked: Result<impl Serialize, Refusal>) -> Response {
    match asked {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

/// With its capital and its full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    let first = first.map(String::from).unwrap_or_default();
    format!("{first}{}{stop}", letters.as_str())
}

/// Only a script of this very origin; browsers that ask authenticators all say so.
fn is_of_our_page(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site.as_bytes() == b"same-origin")
}

impl FromRequest<ConsoleState> for Fetched {
    type Rejection = Response;

    async fn from_request(request: Request, state: &ConsoleState) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let path = request.uri().path().to_owned();
        let Some(visitor) = Visitor::of(state, &headers, &path) else {
            let said = Said {
                code: "login-ended",
                words: "Your login has ended. Sign in again and come back to this page.".to_owned(),
            };
            return Err((StatusCode::UNAUTHORIZED, Json(said)).into_response());
        };
        let shown = headers.get(TOKEN).and_then(|it| it.to_str().ok());
        let shown = shown.unwrap_or_default();
        if !is_of_our_page(&headers) || !state.logins.is_csrf_token(&headers, shown) {
            let refusal = Denial::Malformed.because("this was not asked by a page of this login");
            let about = Stream::Principal(visitor.caller.principal.clone());
            let refusal = state
                .control
                .refused(&visitor.caller, "form", &about, refusal)
                .await;
            let mut response = refused(&refusal);
            *response.status_mut() = StatusCode::FORBIDDEN;
            return Err(response);
        }
        let fields = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) = fields.map_err(IntoResponse::into_response)?;
        Ok(Self {
            visitor,
            fields: Fields(fields),
        })
    }
}

impl FromRequest<ConsoleState> for FetchedBefore {
    type Rejection = Response;

    async fn from_request(request: Request, state: &ConsoleState) -> Result<Self, Self::Rejection> {
        if is_of_our_page(request.headers()) {
            let fields = Form::<Vec<(String, String)>>::from_request(request, state).await;
            let Form(fields) = fields.map_err(IntoResponse::into_response)?;
            return Ok(Self {
                fields: Fields(fields),
            });
        }
        let refusal = Denial::Malformed.because("this was not asked by a page of this console");
        let mut response = refused(&refusal);
        *response.status_mut() = StatusCode::FORBIDDEN;
        Err(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_shows_are_sentences() {
        assert_eq!(sentence("this has changed"), "This has changed.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence(""), ".");
    }
}
