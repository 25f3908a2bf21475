//! What of a recording is read. A HAR 1.2 file holds every cookie, token, password and answer of whoever recorded it;
//! none of them becomes a value here: they are skipped while parsing, and of a body only the names of its fields and
//! the root fields of a GraphQL document are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use locum_domain::access::RootField;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

use crate::propose::graphql::root_fields;

/// Names of one body that are looked at.
const MOST_FIELDS: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Recording {
    pub(super) log: Log,
}

#[derive(Deserialize)]
pub(super) struct Log {
    pub(super) entries: Vec<Entry>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) request: Request,
    pub(super) response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) post_data: Option<Sent>,
}

#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) status: i64,
    #[serde(default)]
    pub(super) content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) mime_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    #[serde(default)]
    pub(super) mime_type: Option<String>,
    #[serde(default)]
    params: Option<Vec<Param>>,
    #[serde(default)]
    text: Names,
}

#[derive(Deserialize)]
struct Param {
    #[serde(default)]
    name: String,
}

/// The names in a body's text.
#[derive(Default)]
struct Names {
    fields: BTreeSet<String>,
    graphql: Documents,
}

/// What GraphQL documents in a request ask for.
#[derive(Default, Clone)]
pub(super) struct Documents {
    pub(super) fields: BTreeSet<RootField>,
    /// A document came of which only its hash was sent, or which could not be read.
    pub(super) has_unread: bool,
}

impl Documents {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.has_unread
    }

    /// Adds a document's root fields, if it is one.
    pub(super) fn read(&mut self, document: &str) {
        match root_fields(document) {
            Some(fields) => self.fields.extend(fields),
            None => self.has_unread |= is_like_one(document),
        }
    }
}

fn is_like_one(text: &str) -> bool {
    let text = text.trim_start();
    [
        "query ",
        "query(",
        "mutation ",
        "mutation(",
        "subscription ",
        "{",
    ]
    .iter()
    .any(|start| text.starts_with(start))
        && text.contains('{')
}

impl Sent {
    /// The names of what was sent; `None` when none was seen.
    pub(super) fn fields(&self) -> Option<BTreeSet<String>> {
        let mut fields = self.text.fields.clone();
        fields.extend(
            self.params
                .iter()
                .flatten()
                .take(MOST_FIELDS)
                .map(|param| param.name.clone()),
        );
        Some(fields).filter(|fields| !fields.is_empty())
    }

    pub(super) fn graphql(&self) -> &Documents {
        &self.text.graphql
    }
}

/// One call of a GraphQL request's body.
#[derive(Deserialize)]
struct Call {
    query: Option<String>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    persisted_query: Option<IgnoredAny>,
}

impl Names {
    fn of(text: &str) -> Self {
        let mut names = Self::default();
        let text = text.trim();
        if text.starts_with('{') {
            names.of_object(text);
        } else if text.starts_with('[') {
            // Several documents in one request.
            for call in serde_json::from_str::<Vec<Call>>(text).unwrap_or_default() {
                names.of_call(&call);
            }
        } else if text.contains('=') && !text.contains(['\n', ' ', '<']) {
            let pairs = url::form_urlencoded::parse(text.as_bytes());
            names.fields = pairs
                .take(MOST_FIELDS)
                .map(|(name, _)| name.into_owned())
                .collect();
        }
        names
    }

    fn of_object(&mut self, text: &str) {
        let Ok(object) = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text) else {
            return;
        };
        self.fields = object.into_keys().take(MOST_FIELDS).collect();
        if let Ok(call) = serde_json::from_str::<Call>(text) {
            self.of_call(&call);
        }
    }

    fn of_call(&mut self, call: &Call) {
        let is_persisted = call
            .extensions
            .as_ref()
            .is_some_and(|it| it.persisted_query.is_some());
        match &call.query {
            Some(document) => self.graphql.read(document),
            None => self.graphql.has_unread |= is_persisted,
        }
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Names;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a body's text")
            }
            fn visit_str<E>(self, text: &str) -> Result<Names, E> {
                Ok(Names::of(text))
            }
            fn visit_unit<E>(self) -> Result<Names, E> {
                Ok(Names::default())
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
