//! What of a recording is read. A HAR 1.2 file holds every cookie, token, password and answer of whoever recorded it;
//! none of them becomes a value here: they are skipped while parsing, and of a body only the names of its fields and
//! the root fields of a GraphQL document are kept.
//!
//! Tools write less than the standard asks for, and `null` for what they do not know: an entry that says nothing is
//! left out by itself, and takes no other with it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::body::Sent;

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
    #[serde(default)]
    pub(super) request: Option<Request>,
    /// Nothing where the tool wrote down requests only.
    #[serde(default)]
    pub(super) response: Option<Response>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(default)]
    pub(super) method: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) post_data: Option<Sent>,
}

#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    status: Status,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Content {
    mime_type: Option<String>,
}

impl Response {
    pub(super) fn status(&self) -> i64 {
        self.status.0
    }

    pub(super) fn media_type(&self) -> &str {
        let content = self.content.as_ref();
        content
            .and_then(|it| it.mime_type.as_deref())
            .unwrap_or_default()
    }
}

/// A status; 0, as browsers write it, where none came.
#[derive(Default)]
struct Status(i64);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Status;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Status, E> {
                Ok(Status(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Status, E> {
                Ok(Status(i64::try_from(number).unwrap_or_default()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Status, E> {
                Ok(Status(text.trim().parse().unwrap_or_default()))
            }
            fn visit_unit<E>(self) -> Result<Status, E> {
                Ok(Status::default())
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
