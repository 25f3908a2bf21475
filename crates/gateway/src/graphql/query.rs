//! The envelope of a query by GET: the address' query part.

use serde_json::Value;

use super::envelope::persisted;
use super::json::Strict;
use super::{Envelope, Unread};

/// Reads it; each parameter once, by its plain name.
pub(super) fn envelope(query: &str) -> Result<Envelope, Unread> {
    // Some servers take `;` for `&`, and some take `\` or a control character for something else.
    if query.contains(';') {
        return Err(Unread::Parameters);
    }
    let [mut text, mut operation_name, mut variables, mut extensions] = [const { None }; 4];
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(Unread::Parameters)?;
        let place = match name {
            "query" => &mut text,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => return Err(Unread::Parameters),
        };
        if place.replace(decoded(value)?).is_some() {
            return Err(Unread::Parameters);
        }
    }
    let json = |text: Option<String>| match text {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text)
            .map(|Strict(value)| value)
            .map_err(|_| Unread::Json),
    };
    let variables = match json(variables)? {
        Value::Null => Vec::new(),
        Value::Object(variables) => variables.into_iter().collect(),
        _ => return Err(Unread::Members),
    };
    Ok(Envelope {
        text,
        operation_name,
        variables: variables.into_iter().collect(),
        sha256: persisted(Some(json(extensions)?))?,
    })
}

/// A value of `application/x-www-form-urlencoded` (WHATWG URL §5.1), which must be UTF-8.
fn decoded(value: &str) -> Result<String, Unread> {
    let spaced = value.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| Unread::Parameters)
}
