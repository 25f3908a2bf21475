//! Reading single values out of an answer by JSON Pointer (RFC 6901).

use jiff::Timestamp;
use serde_json::Value;

use super::NoAnswer;

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Text(String),
    /// `null` or an empty text: the system says that there is none.
    Nothing,
    /// The answer has no such place.
    Absent,
}

impl Found {
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Found::Text(text) => Some(text),
            Found::Nothing | Found::Absent => None,
        }
    }
}

/// A text, a whole number or a truth value as text. Anything else is nothing one could compare.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Reads the place `name` at `pointer`. A list or an object there is an answer of another shape than the
/// configuration says, and guessing in it would be worse than none.
pub(crate) fn find(answer: &Value, name: &str, pointer: &str) -> Result<Found, NoAnswer> {
    match answer.pointer(pointer) {
        None => Ok(Found::Absent),
        Some(Value::Null) => Ok(Found::Nothing),
        Some(value) => match scalar(value) {
            Some(text) if text.is_empty() => Ok(Found::Nothing),
            Some(text) => Ok(Found::Text(text)),
            None => Err(NoAnswer::Because(format!(
                "its `{name}` is neither a text nor a whole number"
            ))),
        },
    }
}

/// A moment: RFC 3339 text (an offset without a colon too, as Jira writes it), or seconds since 1970.
pub(crate) fn time(name: &str, text: &str) -> Result<Timestamp, NoAnswer> {
    let by_number = || Timestamp::from_second(text.parse().ok()?).ok();
    text.parse().ok().or_else(by_number).ok_or_else(|| {
        NoAnswer::Because(format!(
            "its `{name}` is not a moment as RFC 3339 writes it"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_texts_whole_numbers_and_truth_values_are_read() {
        let answer = json!({"a": 7, "b": "x", "c": null, "d": "", "e": [1], "f": 1.5, "g": true, "~/": "odd"});
        let at = |pointer: &str| find(&answer, "field", pointer);
        assert_eq!(at("/a"), Ok(Found::Text("7".into())));
        assert_eq!(at("/b"), Ok(Found::Text("x".into())));
        assert_eq!(at("/c"), Ok(Found::Nothing));
        assert_eq!(at("/d"), Ok(Found::Nothing));
        assert_eq!(at("/g"), Ok(Found::Text("true".into())));
        assert_eq!(at("/none"), Ok(Found::Absent));
        assert_eq!(at("/~0~1"), Ok(Found::Text("odd".into())));
        assert!(at("/e").is_err());
        assert!(at("/f").is_err());
    }

    #[test]
    fn moments_are_read_as_desks_write_them() {
        let expected: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        for text in [
            "2026-11-24T10:00:00Z",
            "2026-11-24T11:00:00.000+01:00",
            "2026-11-24T10:00:00.000+0000",
            "1795514400",
        ] {
            assert_eq!(time("opened_at", text), Ok(expected), "{text}");
        }
        assert!(time("opened_at", "yesterday").is_err());
    }
}
