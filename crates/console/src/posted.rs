//! A form that a page of this login sent.

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use locum_domain::{Denial, Stream};

use crate::pages::refusal::Refused;
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;
use crate::visitor::Visitor;

/// Names and values in the order they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// The first value of this name, without the white space around it; `None` when it is empty.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(key, _)| key == name);
        named
            .next()
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The first value of this name, or no words at all: what is missing is for the verb to refuse.
    pub(crate) fn words(&self, name: &str) -> &str {
        self.one(name).unwrap_or_default()
    }

    /// A text of one's own, if there is any.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.one(name).map(str::to_owned)
    }

    /// Every line that is not empty.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.words(name).lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether a box of this name was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.one(name).is_some()
    }
}

/// Who sent the form, and what it says. Extracting it has checked both.
pub(crate) struct Posted {
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
}

impl FromRequest<ConsoleState> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &ConsoleState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let fields = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) = fields.map_err(IntoResponse::into_response)?;
        let fields = Fields(fields);
        let shown = fields.words("csrf");
        let is_ours = sent_from(&headers, &state.public_url) != SentFrom::Elsewhere
            && state.logins.is_csrf_token(&headers, shown);
        if is_ours {
            return Ok(Self { visitor, fields });
        }
        let refusal = Denial::Malformed.because("the form does not come from a page of this login");
        let caller = &visitor.caller;
        let about = Stream::Principal(caller.principal.clone());
        let refusal = state.control.refused(caller, "form", &about, refusal).await;
        let refused = Refused::new("take this form", "/");
        let mut response = visitor.show(Err(refusal), refused);
        *response.status_mut() = axum::http::StatusCode::FORBIDDEN;
        Err(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_alone_is_no_word() {
        let fields = Fields(vec![
            ("a".into(), "  ".into()),
            ("b".into(), " x\n\n y ".into()),
        ]);
        assert_eq!(fields.one("a"), None);
        assert_eq!(fields.text("b").as_deref(), Some("x\n\n y"));
        assert_eq!(fields.lines("b"), ["x", "y"]);
        assert!(!fields.is_ticked("c"));
    }
}
