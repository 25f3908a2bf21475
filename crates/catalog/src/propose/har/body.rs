//! What a request sent, by its names: never a value.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

use super::documents::Documents;
use super::outline::Outline;

/// Names of one body that are looked at.
const MOST_FIELDS: usize = 1_000;

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
    name: Option<String>,
}

impl Sent {
    /// The names of what was sent; `None` when none was seen.
    pub(super) fn fields(&self) -> Option<BTreeSet<String>> {
        let mut fields = self.text.fields.clone();
        let params = self.params.iter().flatten().take(MOST_FIELDS);
        fields.extend(params.filter_map(|param| param.name.clone()));
        Some(fields).filter(|fields| !fields.is_empty())
    }

    pub(super) fn graphql(&self) -> &Documents {
        &self.text.graphql
    }
}

/// The names in a body's text.
#[derive(Default)]
struct Names {
    fields: BTreeSet<String>,
    graphql: Documents,
}

/// One call of a GraphQL request's body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    query: Option<String>,
    operation_name: Option<String>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extensions {
    pub(super) persisted_query: Option<IgnoredAny>,
}

impl Names {
    fn of(text: &str) -> Self {
        let mut names = Self::default();
        let text = text.trim();
        if text.starts_with(['{', '[']) {
            names.of_json(text);
        } else if text.starts_with("--") {
            names.of_multipart(text);
        } else if text.contains('=') && !text.contains(['\n', ' ', '<']) {
            names.of_form(text);
        } else {
            names.graphql.read_alone(text);
        }
        names
    }

    fn of_json(&mut self, text: &str) {
        let Ok(outline) = serde_json::from_str::<Outline>(text) else {
            return;
        };
        self.fields = outline.fields(MOST_FIELDS);
        // Several documents may come in one request.
        let calls = match text.starts_with('[') {
            true => serde_json::from_str::<Vec<Call>>(text).unwrap_or_default(),
            false => serde_json::from_str::<Call>(text).into_iter().collect(),
        };
        for call in calls {
            let is_persisted = call
                .extensions
                .as_ref()
                .is_some_and(|it| it.persisted_query.is_some());
            match &call.query {
                Some(document) => self.graphql.read(document),
                None if is_persisted => self.graphql.unread(call.operation_name.as_deref()),
                None => {}
            }
        }
    }

    fn of_form(&mut self, text: &str) {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        for (name, value) in pairs.take(MOST_FIELDS) {
            if name == "query" {
                self.graphql.read(&value);
            }
            self.fields.insert(name.into_owned());
        }
    }

    /// The names of a form's parts (RFC 7578 §4.2).
    fn of_multipart(&mut self, text: &str) {
        let parts = text.split("form-data; name=\"").skip(1).take(MOST_FIELDS);
        let names = parts.filter_map(|part| part.split('"').next());
        self.fields.extend(names.map(str::to_owned));
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
