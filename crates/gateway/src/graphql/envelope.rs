//! The envelope of a call by POST: JSON as GraphQL over HTTP has it, one object or a list of them.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};
use locum_domain::access::is_document_hash;
use serde_json::{Map, Value};

use super::json::Strict;
use super::{Envelope, Unread};

/// What clients write into the address so that logs tell their calls apart. No server takes a document from these.
const LABELS: [&str; 3] = ["op", "opname", "operation"];

/// See [`super::check_head`].
pub(super) fn check_head(parts: &Parts) -> Result<(), Unread> {
    if parts.headers.contains_key(UPGRADE) {
        return Err(Unread::Subscription);
    }
    if parts.method != Method::POST {
        return Ok(());
    }
    if parts.headers.contains_key(CONTENT_ENCODING) {
        return Err(Unread::Compressed);
    }
    if !only(&parts.headers, CONTENT_TYPE).is_some_and(is_json) {
        return Err(Unread::ContentType);
    }
    // Some servers look for `query` in the address first.
    if !parts.uri.query().is_none_or(is_label) {
        return Err(Unread::QueryBesideBody);
    }
    Ok(())
}

/// The value of a header that occurs once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    value.to_str().ok()
}

/// `application/json`, alone or with the one charset JSON has.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(|it| it.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|it| it == "charset=utf-8" || it == "charset=\"utf-8\"")
}

fn is_label(query: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    query.is_empty()
        || query
            .split_once('=')
            .is_some_and(|(name, value)| LABELS.contains(&name) && value.bytes().all(is_plain))
}

/// The calls of a body.
pub(super) fn read(body: &[u8]) -> Result<Vec<Envelope>, Unread> {
    let Strict(value) = serde_json::from_slice(body).map_err(|_| Unread::Json)?;
    match value {
        Value::Array(items) if items.is_empty() => Err(Unread::NoDocument),
        Value::Array(items) => items.into_iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn one(value: Value) -> Result<Envelope, Unread> {
    let Value::Object(mut members) = value else {
        return Err(Unread::Members);
    };
    let text = text(members.remove("query"))?;
    let operation_name = self::text(members.remove("operationName"))?;
    let variables = match members.remove("variables") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(variables)) => variables,
        Some(_) => return Err(Unread::Members),
    };
    let sha256 = persisted(members.remove("extensions"))?;
    if !members.is_empty() {
        return Err(Unread::Members);
    }
    Ok(Envelope {
        text,
        operation_name,
        variables: variables.into_iter().collect(),
        sha256,
    })
}

fn text(value: Option<Value>) -> Result<Option<String>, Unread> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unread::Members),
    }
}

/// The hash of a persisted document, as automatic persisted queries carry it.
pub(super) fn persisted(extensions: Option<Value>) -> Result<Option<String>, Unread> {
    let mut extensions = match extensions {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(extensions)) => extensions,
        Some(_) => return Err(Unread::Extensions),
    };
    // Who the client is changes nothing.
    extensions.remove("clientLibrary");
    let persisted = extensions.remove("persistedQuery");
    if !extensions.is_empty() {
        return Err(Unread::Extensions);
    }
    let Some(persisted) = persisted else {
        return Ok(None);
    };
    let Value::Object(persisted) = persisted else {
        return Err(Unread::Extensions);
    };
    let is_first = persisted.get("version").and_then(Value::as_u64) == Some(1);
    match persisted.get("sha256Hash") {
        Some(Value::String(hash)) if is_first && persisted.len() == 2 && is_document_hash(hash) => {
            Ok(Some(hash.clone()))
        }
        _ => Err(Unread::Extensions),
    }
}
