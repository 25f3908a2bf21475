//! Words of the command line inside an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` as one path segment or query value: what somebody types can never name another place.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// The query of those parameters that have a value.
pub(crate) fn query(parameters: &[(&str, Option<&str>)]) -> String {
    parameters
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", encoded(value))))
        .collect::<Vec<_>>()
        .join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stays_one_segment_and_one_value() {
        assert_eq!(encoded("req_0a-b.c~d"), "req_0a-b.c~d");
        assert_eq!(encoded("desk:7"), "desk%3A7");
        assert_eq!(
            encoded("a/../b?c=d&e#f %"),
            "a%2F..%2Fb%3Fc%3Dd%26e%23f%20%25"
        );
        assert_eq!(encoded("zoë"), "zo%C3%AB");
    }

    #[test]
    fn a_query_leaves_out_what_was_not_said() {
        let parameters = [
            ("limit", Some("50")),
            ("state", None),
            ("case", Some("desk:7")),
        ];
        assert_eq!(query(&parameters), "limit=50&case=desk%3A7");
        assert_eq!(query(&[("state", None)]), "");
    }
}
