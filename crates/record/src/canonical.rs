//! One value, one sequence of bytes (RFC 8785, JSON Canonicalization Scheme).

use serde::Serialize;
use serde_json::{Number, Value};

/// The largest integer that every JSON reader keeps exactly: 2⁵³ − 1 (RFC 8785, section 3.2.2.3
/// by way of RFC 7493, section 2.2).
pub(crate) const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// Why a value has no canonical bytes.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// The value does not serialise to JSON.
    #[error("the value does not serialise to JSON")]
    Json(#[from] serde_json::Error),
    /// An integer beyond ±(2⁵³ − 1): other readers would round it.
    #[error("the integer {0} is beyond what JSON keeps exactly")]
    IntegerTooLarge(Number),
}

/// The canonical bytes of a value.
///
/// # Errors
/// [`CanonicalError`] when the value does not serialise or holds an integer that other readers
/// would round: evidence refuses where others round silently.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value)?;
    check_integers(&value)?;
    Ok(json_canon::to_vec(&value)?)
}

/// `json_canon`'s own check overflows at `i64::MIN`, so this one stands before it.
fn check_integers(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            match magnitude {
                Some(magnitude) if magnitude > LARGEST_INTEGER => {
                    Err(CanonicalError::IntegerTooLarge(number.clone()))
                }
                _ => Ok(()),
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_integers),
        Value::Object(members) => members.values().try_for_each(check_integers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(canonical(value).unwrap()).unwrap()
    }

    #[test]
    fn the_example_of_rfc_8785_comes_out_as_printed_there() {
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let value: Value = serde_json::from_str(input).unwrap();
        assert_eq!(
            text(&value),
            "{\"literals\":[null,true,false],\
             \"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn members_are_ordered_by_their_utf_16_units() {
        // RFC 8785, section 3.2.3.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let wanted = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(text(&value), wanted);
    }

    #[test]
    fn an_integer_that_others_would_round_is_refused() {
        assert_eq!(text(&json!(9_007_199_254_740_991_i64)), "9007199254740991");
        assert_eq!(
            text(&json!(-9_007_199_254_740_991_i64)),
            "-9007199254740991"
        );
        for value in [
            json!(9_007_199_254_740_992_u64),
            json!([-9_007_199_254_740_992_i64]),
            json!({"a": {"b": i64::MIN}}),
            json!(u64::MAX),
        ] {
            assert!(matches!(
                canonical(&value),
                Err(CanonicalError::IntegerTooLarge(_))
            ));
        }
    }
}
