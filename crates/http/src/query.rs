//! Query parameters and pages of lists.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use locum_api::Listing;
use locum_control::Caller;
use locum_domain::PrincipalId;
use serde::Serialize;

use crate::refused::Refused;

const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;

/// The parameters of a query; an empty one counts as absent, a repeated one is refused.
pub(crate) struct Query {
    uri: Uri,
    pairs: BTreeMap<String, String>,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Refused;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let mut pairs = BTreeMap::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if value.is_empty() {
                continue;
            }
            if pairs.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(wrong(&name, "stands there twice"));
            }
        }
        Ok(Self {
            uri: parts.uri.clone(),
            pairs,
        })
    }
}

fn wrong(name: &str, why: &str) -> Refused {
    let detail = format!("the parameter `{name}` {why}");
    Refused::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

impl Query {
    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.pairs.get(name).cloned()
    }

    /// A whole number.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, Refused> {
        let number = self.pairs.get(name).map(|text| text.parse());
        number
            .transpose()
            .map_err(|_| wrong(name, "is not a whole number in range"))
    }

    /// A whole number within bounds.
    pub(crate) fn number_within<N: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &self,
        name: &str,
        bounds: std::ops::RangeInclusive<N>,
    ) -> Result<Option<N>, Refused> {
        let number = self.number(name)?;
        if number
            .as_ref()
            .is_some_and(|number| !bounds.contains(number))
        {
            let (least, most) = bounds.into_inner();
            return Err(wrong(name, &format!("must be from {least} to {most}")));
        }
        Ok(number)
    }

    /// One of these words.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> Result<Option<String>, Refused> {
        match self.text(name) {
            Some(text) if !words.contains(&text.as_str()) => {
                Err(wrong(name, &format!("is none of {}", words.join(", "))))
            }
            text => Ok(text),
        }
    }

    /// A person's id, or `me`.
    pub(crate) fn person(
        &self,
        name: &str,
        caller: &Caller,
    ) -> Result<Option<PrincipalId>, Refused> {
        match self.pairs.get(name).map(String::as_str) {
            None => Ok(None),
            Some("me") => Ok(Some(caller.principal.clone())),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| wrong(name, "is nobody's id")),
        }
    }

    /// Where the page begins, and how long it should be.
    pub(crate) fn page(&self) -> Result<(Option<String>, u32), Refused> {
        let limit = self.number_within("limit", 1..=LARGEST_PAGE)?;
        let limit = limit.unwrap_or(PAGE);
        let cursor = self.text("cursor");
        let is_id = |text: &String| {
            text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if cursor.as_ref().is_some_and(|cursor| !is_id(cursor)) {
            return Err(wrong("cursor", "is not the `next` of a page"));
        }
        Ok((cursor, limit))
    }

    /// A page and, where there is one, the way to the next (RFC 8288).
    pub(crate) fn listing<T: Serialize>(&self, items: Vec<T>, next: Option<String>) -> Response {
        let link = next.as_deref().and_then(|next| self.link("cursor", next));
        let mut answer = Json(Listing { items, next }).into_response();
        if let Some(link) = link {
            answer.headers_mut().insert(header::LINK, link);
        }
        answer
    }

    /// `rel="next"` with one parameter changed.
    pub(crate) fn link(&self, name: &str, value: &str) -> Option<HeaderValue> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (known, kept) in self.pairs.iter().filter(|(known, _)| *known != name) {
            query.append_pair(known, kept);
        }
        query.append_pair(name, value);
        let link = format!("<{}?{}>; rel=\"next\"", self.uri.path(), query.finish());
        HeaderValue::from_str(&link).ok()
    }
}
